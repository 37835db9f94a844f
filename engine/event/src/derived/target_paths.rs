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
    let found = REQUEST.binary_search_by_key(&service, |(known, _)| known);
    let request = found.ok().and_then(|at| REQUEST.get(at)).map_or(&[][..], |(_, paths)| paths);
    Paths { request, response, resources_first: service == "kms" }
}

/// The request paths of the services, in byte order of their names.
const REQUEST: &[(&str, &[&str])] = &[
    ("account", &["regionName", "RegionName"]),
    ("acm", &["certificateArn", "domainName"]),
    ("apigateway", &["restApiId", "apiId", "resourceArn", "name"]),
    ("athena", &["workGroup", "name"]),
    ("autoscaling", &["autoScalingGroupName", "launchConfigurationName"]),
    ("backup", &["backupVaultName", "backupPlanId", "resourceArn"]),
    ("bedrock", &["modelId", "guardrailIdentifier", "agentId", "jobName"]),
    ("cloudformation", &["stackName", "stackSetName", "changeSetName"]),
    ("cloudfront", &["id", "distributionId", "name", "resource"]),
    ("cloudshell", &["EnvironmentId", "environmentId"]),
    ("cloudtrail", &["name", "trailName", "eventDataStore", "channel", "trailARN"]),
    ("codebuild", &["projectName", "name", "projectArn"]),
    ("cognito-identity", &["identityId", "identityPoolId"]),
    ("cognito-idp", &["userPoolId"]),
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
    ("dynamodb", &["tableName", "globalTableName", "tableArn", "resourceArn", "backupArn"]),
    ("ec2", EC2_REQUEST),
    ("ec2-instance-connect", &["instanceId"]),
    ("ecr", &["repositoryName"]),
    ("ecr-public", &["repositoryName"]),
    ("ecs", &["cluster", "clusterName", "service", "taskDefinition", "family"]),
    ("eks", &["name", "clusterName"]),
    ("elasticache", &["cacheClusterId", "replicationGroupId"]),
    ("elasticfilesystem", &["fileSystemId", "mountTargetId"]),
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
    ("es", &["domainName"]),
    ("events", &["name", "rule"]),
    ("glacier", &["vaultName"]),
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
    ("guardduty", &["detectorId"]),
    ("iam", IAM_REQUEST),
    ("identitystore", IDENTITY_STORE_REQUEST),
    ("kinesis", &["streamName", "streamARN"]),
    ("kms", &["keyId", "targetKeyId", "aliasName", "grantId"]),
    ("lambda", &["functionName", "layerName", "uUID", "eventSourceArn", "resource"]),
    ("logs", &["logGroupName", "logGroupIdentifier", "destinationName"]),
    ("monitoring", &["alarmName", "alarmNames[]", "dashboardName", "dashboardNames[]"]),
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
    ("rds", RDS_REQUEST),
    ("redshift", &["clusterIdentifier", "snapshotIdentifier", "clusterSecurityGroupName"]),
    ("rolesanywhere", &["trustAnchorId", "profileId", "name"]),
    ("route53", &["hostedZoneId", "id", "name"]),
    (
        "route53resolver",
        &["resolverQueryLogConfigId", "resolverEndpointId", "firewallRuleGroupId", "resourceId"],
    ),
    ("s3", &["bucketName"]),
    ("s3-outposts", &["bucketName"]),
    ("s3express", &["bucketName"]),
    ("sagemaker", &["notebookInstanceName", "endpointName", "domainId"]),
    ("secretsmanager", &["secretId", "name", "secretIdList[]"]),
    ("securityhub", &["Name", "FindingIds[]", "AccountIds[]"]),
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
    ("sso-directory", IDENTITY_STORE_REQUEST),
    ("sts", &["roleArn", "targetPrincipal", "name"]),
    ("support", &["caseId"]),
    ("transfer", &["serverId", "userName"]),
    ("waf", &["webACLId", "name", "resourceArn"]),
    ("waf-regional", &["webACLId", "name", "resourceArn"]),
    ("wafv2", &["name", "resourceArn", "webACLArn"]),
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
        assert!(REQUEST.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(paths("waf").request.first(), Some(&"webACLId"));
        assert_eq!(paths("ec2").response.len(), 14);
        assert!(paths("unheard-of").request.is_empty());
        assert!(paths("kms").resources_first);
    }
}
