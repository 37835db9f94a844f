//! Where requests and responses of each service name what the call was made on.
//!
//! A table, nothing more. In a path `.` goes into an object and `[]` to every element
//! of a list; its end is a text or a list of texts.

/// The paths of one service, the best first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paths {
    pub(super) request: &'static [&'static str],
    pub(super) response: &'static [&'static str],
    /// Whether the record's `resources` go before the request: a request of kms may
    /// name an alias.
    pub(super) resources_first: bool,
}

/// The paths of a service; none for one that is not in the table.
pub(super) fn paths(service: &str) -> Paths {
    let response: &[&str] = match service {
        "ec2" => EC2_RESPONSE,
        "iam" => &["accessKey.userName"],
        "cloudfront" => &["distribution.id"],
        _ => &[],
    };
    let found = REQUEST.binary_search_by_key(&place(service), |(known, _)| place(known));
    let request = found.ok().and_then(|at| REQUEST.get(at)).map_or(&[][..], |(_, paths)| paths);
    Paths { request, response, resources_first: service == "kms" }
}

/// Where a service stands among others: most are told apart by the length of their names.
fn place(service: &str) -> (usize, &str) {
    (service.len(), service)
}

/// The request paths of the services, in the order of their places.
const REQUEST: &[(&str, &[&str])] = &[
    ("es", &["domainName"]),
    ("s3", &["bucketName"]),
    ("acm", &["certificateArn", "domainName"]),
    ("ec2", EC2_REQUEST),
    ("ecr", &["repositoryName"]),
    ("ecs", &["cluster", "clusterName", "service", "taskDefinition", "family"]),
    ("eks", &["name", "clusterName"]),
    ("iam", IAM_REQUEST),
    ("kms", &["keyId", "targetKeyId", "aliasName", "grantId"]),
    ("rds", RDS_REQUEST),
    ("ses", &["identity", "emailIdentity", "emailAddress"]),
    ("sns", &["topicArn", "name", "subscriptionArn"]),
    ("sqs", &["queueUrl", "queueName"]),
    (
        "ssm",
        &[
            "instanceId",
            "instanceIds[]",
            "target",
            "targets[].values[]",
            "name",
            "names[]",
            "documentName",
            "resourceId",
            "associationId",
            "sessionId",
            "parameterName",
        ],
    ),
    ("sso", &["targetId", "permissionSetArn", "instanceArn"]),
    ("sts", &["roleArn", "targetPrincipal", "name"]),
    ("waf", &["webACLId", "name", "resourceArn"]),
    (
        "glue",
        &[
            "name",
            "databaseName",
            "endpointName",
            "jobName",
            "crawlerName",
            "resourceArn",
            "catalogId",
        ],
    ),
    ("logs", &["logGroupName", "logGroupIdentifier", "destinationName"]),
    ("wafv2", &["name", "resourceArn", "webACLArn"]),
    ("athena", &["workGroup", "name"]),
    ("backup", &["backupVaultName", "backupPlanId", "resourceArn"]),
    (
        "config",
        &[
            "configRuleName",
            "configurationRecorderName",
            "configurationRecorder.name",
            "deliveryChannelName",
            "deliveryChannel.name",
            "configurationAggregatorName",
        ],
    ),
    ("events", &["name", "rule"]),
    ("lambda", &["functionName", "layerName", "uUID", "eventSourceArn", "resource"]),
    ("account", &["regionName", "RegionName"]),
    ("bedrock", &["modelId", "guardrailIdentifier", "agentId", "jobName"]),
    ("glacier", &["vaultName"]),
    ("kinesis", &["streamName", "streamARN"]),
    ("route53", &["hostedZoneId", "id", "name"]),
    ("support", &["caseId"]),
    ("dynamodb", &["tableName", "globalTableName", "tableArn", "resourceArn", "backupArn"]),
    ("redshift", &["clusterIdentifier", "snapshotIdentifier", "clusterSecurityGroupName"]),
    ("transfer", &["serverId", "userName"]),
    ("codebuild", &["projectName", "name", "projectArn"]),
    ("guardduty", &["detectorId"]),
    ("s3express", &["bucketName"]),
    ("sagemaker", &["notebookInstanceName", "endpointName", "domainId"]),
    ("apigateway", &["restApiId", "apiId", "resourceArn", "name"]),
    ("cloudfront", &["id", "distributionId", "name", "resource"]),
    ("cloudshell", &["EnvironmentId", "environmentId"]),
    ("cloudtrail", &["name", "trailName", "eventDataStore", "channel", "trailARN"]),
    ("ecr-public", &["repositoryName"]),
    ("monitoring", &["alarmName", "alarmNames[]", "dashboardName", "dashboardNames[]"]),
    ("autoscaling", &["autoScalingGroupName", "launchConfigurationName"]),
    ("cognito-idp", &["userPoolId"]),
    ("elasticache", &["cacheClusterId", "replicationGroupId"]),
    ("s3-outposts", &["bucketName"]),
    ("securityhub", &["Name", "FindingIds[]", "AccountIds[]"]),
    ("waf-regional", &["webACLId", "name", "resourceArn"]),
    ("identitystore", IDENTITY_STORE_REQUEST),
    (
        "organizations",
        &[
            "accountId",
            "childId",
            "policyId",
            "targetId",
            "organizationalUnitId",
            "handshakeId",
            "emailAddress",
            "name",
            "servicePrincipal",
        ],
    ),
    ("rolesanywhere", &["trustAnchorId", "profileId", "name"]),
    ("sso-directory", IDENTITY_STORE_REQUEST),
    ("cloudformation", &["stackName", "stackSetName", "changeSetName"]),
    ("secretsmanager", &["secretId", "name", "secretIdList[]"]),
    (
        "route53resolver",
        &["resolverQueryLogConfigId", "resolverEndpointId", "firewallRuleGroupId", "resourceId"],
    ),
    ("cognito-identity", &["identityId", "identityPoolId"]),
    ("elasticfilesystem", &["fileSystemId", "mountTargetId"]),
    ("ec2-instance-connect", &["instanceId"]),
    (
        "elasticloadbalancing",
        &[
            "loadBalancerArn",
            "loadBalancerName",
            "targetGroupArn",
            "listenerArn",
            "ruleArn",
            "name",
            "resourceArns[]",
            "loadBalancerNames[]",
        ],
    ),
];

const IDENTITY_STORE_REQUEST: &[&str] =
    &["userId", "groupId", "userName", "displayName", "identityStoreId"];

const IAM_REQUEST: &[&str] = &[
    "userName",
    "roleName",
    "groupName",
    "policyArn",
    "instanceProfileName",
    "sAMLProviderArn",
    "openIDConnectProviderArn",
    "serialNumber",
    "virtualMFADeviceName",
    "serverCertificateName",
    "policyName",
    "name",
    "aWSServiceName",
    "url",
    "accountAlias",
    "accessKeyId",
];

const RDS_REQUEST: &[&str] = &[
    "dBInstanceIdentifier",
    "dBClusterIdentifier",
    "dBSnapshotIdentifier",
    "dBClusterSnapshotIdentifier",
    "targetDBSnapshotIdentifier",
    "targetDBClusterSnapshotIdentifier",
    "globalClusterIdentifier",
    "dBSubnetGroupName",
    "dBParameterGroupName",
    "dBClusterParameterGroupName",
    "dBSecurityGroupName",
    "optionGroupName",
    "resourceName",
    "sourceArn",
    "resourceArn",
    "dbiResourceId",
    "dbClusterResourceId",
    "subscriptionName",
];

const EC2_REQUEST: &[&str] = &[
    "instanceId",
    "instancesSet.items[].instanceId",
    "groupId",
    "groupName",
    "volumeId",
    "snapshotId",
    "imageId",
    "routeTableId",
    "networkAclId",
    "internetGatewayId",
    "natGatewayId",
    "NatGatewayId",
    "networkInterfaceId",
    "NetworkInterfaceId",
    "subnetId",
    "keyName",
    "allocationId",
    "flowLogId",
    "FlowLogId.content",
    "FlowLogId[].content",
    "ResourceId.content",
    "ResourceId[].content",
    "vpcEndpointId",
    "VpcEndpointId.content",
    "vpcPeeringConnectionId",
    "LaunchTemplateName",
    "LaunchTemplateId",
    "TrafficMirrorTargetId",
    "TrafficMirrorFilterId",
    "TrafficMirrorSessionId",
    "TransitGatewayAttachmentId",
    "TransitGatewayId",
    "transitGatewayId",
    "AssociationId",
    "associationId",
    "attachmentId",
    "GroupId",
    "SecurityGroupRuleId",
    "resourcesSet.items[].resourceId",
    "resourceId",
    "vpcId",
];

const EC2_RESPONSE: &[&str] = &[
    "instancesSet.items[].instanceId",
    "vpc.vpcId",
    "subnet.subnetId",
    "routeTable.routeTableId",
    "internetGateway.internetGatewayId",
    "volumeId",
    "snapshotId",
    "groupId",
    "allocationId",
    "networkInterface.networkInterfaceId",
    "natGateway.natGatewayId",
    "CreateNatGatewayResponse.natGateway.natGatewayId",
    "CreateTrafficMirrorFilterResponse.trafficMirrorFilter.trafficMirrorFilterId",
    "CreateTrafficMirrorTargetResponse.trafficMirrorTarget.trafficMirrorTargetId",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(REQUEST.is_sorted_by(|a, b| place(a.0) < place(b.0)));
        assert_eq!(paths("waf").request.first(), Some(&"webACLId"));
        assert_eq!(paths("ec2").response.len(), 14);
        assert!(paths("unheard-of").request.is_empty());
        assert!(paths("kms").resources_first);
    }
}
