//! `targets`: the resources a call is about, as its request names them.
//!
//! Ten ways are tried in order; the first that names something wins.

use super::derived;
use super::json::Json;
use super::record::Record;

/// For each service, the paths of the request in order; `x[]` is every element of a list.
const REQUEST: [(&str, &str); 55] = [
    ("s3 s3express s3-outposts", "bucketName"),
    (
        "iam",
        "userName roleName groupName policyArn instanceProfileName sAMLProviderArn openIDConnectProviderArn \
         serialNumber virtualMFADeviceName serverCertificateName policyName name aWSServiceName url accountAlias \
         accessKeyId",
    ),
    ("sts", "roleArn targetPrincipal name"),
    ("kms", "keyId targetKeyId aliasName grantId"),
    (
        "ec2",
        "instanceId instancesSet.items[].instanceId groupId groupName volumeId snapshotId imageId routeTableId \
         networkAclId internetGatewayId natGatewayId NatGatewayId networkInterfaceId NetworkInterfaceId subnetId \
         keyName allocationId flowLogId FlowLogId.content FlowLogId[].content ResourceId.content \
         ResourceId[].content vpcEndpointId VpcEndpointId.content vpcPeeringConnectionId LaunchTemplateName \
         LaunchTemplateId TrafficMirrorTargetId TrafficMirrorFilterId TrafficMirrorSessionId \
         TransitGatewayAttachmentId TransitGatewayId transitGatewayId AssociationId associationId attachmentId \
         GroupId SecurityGroupRuleId resourcesSet.items[].resourceId resourceId vpcId",
    ),
    ("secretsmanager", "secretId name secretIdList[]"),
    (
        "ssm",
        "instanceId instanceIds[] target targets[].values[] name names[] documentName resourceId associationId \
         sessionId parameterName",
    ),
    ("lambda", "functionName layerName uUID eventSourceArn resource"),
    (
        "rds",
        "dBInstanceIdentifier dBClusterIdentifier dBSnapshotIdentifier dBClusterSnapshotIdentifier \
         targetDBSnapshotIdentifier targetDBClusterSnapshotIdentifier globalClusterIdentifier dBSubnetGroupName \
         dBParameterGroupName dBClusterParameterGroupName dBSecurityGroupName optionGroupName resourceName sourceArn \
         resourceArn dbiResourceId dbClusterResourceId subscriptionName",
    ),
    ("dynamodb", "tableName globalTableName tableArn resourceArn backupArn"),
    ("cloudtrail", "name trailName eventDataStore channel trailARN"),
    (
        "config",
        "configRuleName configurationRecorderName configurationRecorder.name deliveryChannelName deliveryChannel.name \
         configurationAggregatorName",
    ),
    ("guardduty", "detectorId"),
    ("securityhub", "Name FindingIds[] AccountIds[]"),
    ("logs", "logGroupName logGroupIdentifier destinationName"),
    ("events", "name rule"),
    ("monitoring", "alarmName alarmNames[] dashboardName dashboardNames[]"),
    ("sns", "topicArn name subscriptionArn"),
    ("sqs", "queueUrl queueName"),
    ("kinesis", "streamName streamARN"),
    ("ecr ecr-public", "repositoryName"),
    ("ecs", "cluster clusterName service taskDefinition family"),
    ("eks", "name clusterName"),
    (
        "elasticloadbalancing",
        "loadBalancerArn loadBalancerName targetGroupArn listenerArn ruleArn name resourceArns[] loadBalancerNames[]",
    ),
    ("autoscaling", "autoScalingGroupName launchConfigurationName"),
    ("cloudformation", "stackName stackSetName changeSetName"),
    (
        "organizations",
        "accountId childId policyId targetId organizationalUnitId handshakeId emailAddress name servicePrincipal",
    ),
    ("sso", "targetId permissionSetArn instanceArn"),
    ("sso-directory identitystore", "userId groupId userName displayName identityStoreId"),
    ("cloudfront", "id distributionId name resource"),
    ("route53", "hostedZoneId id name"),
    (
        "route53resolver",
        "resolverQueryLogConfigId resolverEndpointId firewallRuleGroupId resourceId",
    ),
    ("wafv2", "name resourceArn webACLArn"),
    ("waf waf-regional", "webACLId name resourceArn"),
    ("apigateway", "restApiId apiId resourceArn name"),
    ("es", "domainName"),
    ("redshift", "clusterIdentifier snapshotIdentifier clusterSecurityGroupName"),
    ("elasticache", "cacheClusterId replicationGroupId"),
    ("elasticfilesystem", "fileSystemId mountTargetId"),
    ("backup", "backupVaultName backupPlanId resourceArn"),
    ("glacier", "vaultName"),
    ("transfer", "serverId userName"),
    ("bedrock", "modelId guardrailIdentifier agentId jobName"),
    ("sagemaker", "notebookInstanceName endpointName domainId"),
    ("glue", "name databaseName endpointName jobName crawlerName resourceArn catalogId"),
    ("athena", "workGroup name"),
    ("cognito-idp cognito-identity", "userPoolId identityId identityPoolId"),
    ("rolesanywhere", "trustAnchorId profileId name"),
    ("acm", "certificateArn domainName"),
    ("ses", "identity emailIdentity emailAddress"),
    ("codebuild", "projectName name projectArn"),
    ("account", "regionName RegionName"),
    ("ec2-instance-connect", "instanceId"),
    ("support", "caseId"),
    ("cloudshell", "EnvironmentId environmentId"),
];

/// For each service, the paths of the response in order.
const RESPONSE: [(&str, &str); 3] = [
    ("iam", "accessKey.userName"),
    (
        "ec2",
        "instancesSet.items[].instanceId vpc.vpcId subnet.subnetId routeTable.routeTableId \
         internetGateway.internetGatewayId volumeId snapshotId groupId allocationId \
         networkInterface.networkInterfaceId natGateway.natGatewayId \
         CreateNatGatewayResponse.natGateway.natGatewayId \
         CreateTrafficMirrorFilterResponse.trafficMirrorFilter.trafficMirrorFilterId \
         CreateTrafficMirrorTargetResponse.trafficMirrorTarget.trafficMirrorTargetId",
    ),
    ("cloudfront", "distribution.id"),
];

const GENERIC: &str =
    "resourceArn resourceARN resource arn resourceId resourceName name id identifier";

const ON_ONESELF: &str = "ChangePassword CreateAccessKey DeleteAccessKey UpdateAccessKey ListAccessKeys GetUser \
                          EnableMFADevice DeactivateMFADevice CreateVirtualMFADevice";

/// The resources of the request, as it names them.
pub(crate) fn targets(record: &Record) -> Vec<String> {
    let service = derived::service(record).unwrap_or_default();
    let api = derived::api(record).unwrap_or_default();
    let request = inner(record.json.get("requestParameters").unwrap_or(&Json::Null));
    let response = record.json.get("responseElements").unwrap_or(&Json::Null);
    let resources =
        || texts(&record.json, "resources[].ARN").into_iter().take(1).collect::<Vec<_>>();
    let ways: [&dyn Fn() -> Vec<String>; 10] = [
        &|| if service == "kms" { resources() } else { Vec::new() },
        &|| first(request, paths_of(&REQUEST, &service)),
        &|| by_noun(request, &api),
        &|| first(request, GENERIC),
        &resources,
        &|| by_suffix(request),
        &|| first(response, paths_of(&RESPONSE, &service)),
        &|| {
            first(
                &record.json,
                "additionalEventData.ARN serviceEventDetails.snapshotId serviceEventDetails.keyId",
            )
        },
        &|| in_message(record),
        &|| oneself(record, &service, &api),
    ];
    ways.iter().map(|way| way()).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The request, or what stands under its one key that ends in `Request` or `Req`.
fn inner(request: &Json) -> &Json {
    let Json::Object(pairs) = request else { return request };
    let wrapped: Vec<&Json> = pairs
        .iter()
        .filter(|(key, value)| {
            (key.ends_with("Request") || key.ends_with("Req")) && matches!(value, Json::Object(_))
        })
        .map(|(_, value)| value)
        .collect();
    if let [only] = wrapped[..] { only } else { request }
}

fn paths_of(table: &[(&'static str, &'static str)], service: &str) -> &'static str {
    table
        .iter()
        .find(|(names, _)| names.split(' ').any(|name| name == service))
        .map_or("", |(_, paths)| paths)
}

/// The texts under the first of the paths that has some.
fn first(json: &Json, paths: &str) -> Vec<String> {
    paths
        .split_whitespace()
        .map(|path| texts(json, path))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The text or the list of texts under a path; `x[]` goes into every element of a list.
pub(crate) fn texts(json: &Json, path: &str) -> Vec<String> {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let (key, each) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
    let Some(value) = json.get(key) else { return Vec::new() };
    if rest.is_empty() {
        return if each && !matches!(value, Json::List(_)) {
            Vec::new()
        } else {
            plain_texts(value)
        };
    }
    if each {
        value.elements().iter().flat_map(|element| texts(element, rest)).collect()
    } else {
        texts(value, rest)
    }
}

fn plain_texts(value: &Json) -> Vec<String> {
    let candidates =
        if let Json::List(elements) = value { &elements[..] } else { std::slice::from_ref(value) };
    candidates
        .iter()
        .filter_map(Json::as_text)
        .filter(|text| !text.is_empty() && *text != "HIDDEN_DUE_TO_SECURITY_REASONS")
        .map(str::to_owned)
        .collect()
}

/// `CreateVirtualNode` names `virtualNodeName`.
fn by_noun(request: &Json, api: &str) -> Vec<String> {
    let Json::Object(pairs) = request else { return Vec::new() };
    let rest = api.strip_prefix("Batch").unwrap_or(api);
    let noun = match rest.char_indices().skip(1).find(|(_, letter)| !letter.is_lowercase()) {
        Some((at, _)) => rest[at..].to_lowercase(),
        None => return Vec::new(),
    };
    let one = noun.strip_suffix('s').unwrap_or(&noun);
    [noun.as_str(), one]
        .into_iter()
        .flat_map(|noun| {
            ["arn", "id", "name", "identifier", ""].map(|suffix| format!("{noun}{suffix}"))
        })
        .filter_map(|wanted| pairs.iter().find(|(key, _)| key.to_lowercase() == wanted))
        .map(|(_, value)| plain_texts(value))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn by_suffix(request: &Json) -> Vec<String> {
    let Json::Object(pairs) = request else { return Vec::new() };
    let not_it = [
        "token", "kms", "role", "client", "request", "owner", "account", "security", "subnet",
        "vpc",
    ];
    pairs
        .iter()
        .filter(|(key, _)| {
            ["Arn", "ARN", "Id", "Name", "Identifier"].iter().any(|suffix| key.ends_with(suffix))
        })
        .filter(|(key, _)| !not_it.iter().any(|word| key.to_lowercase().contains(word)))
        .filter(|(_, value)| !plain_texts(value).is_empty())
        .min_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, value)| plain_texts(value))
        .unwrap_or_default()
}

fn in_message(record: &Record) -> Vec<String> {
    let message = record.filled(&["errorMessage"]).unwrap_or_default();
    let Some((_, after)) = message.split_once(" on resource: ") else { return Vec::new() };
    let mut words = after.split_whitespace();
    let word = match words.next() {
        Some("user" | "role" | "group" | "policy") => words.next(),
        word => word,
    };
    word.filter(|word| *word != "*").map(str::to_owned).into_iter().collect()
}

fn oneself(record: &Record, service: &str, api: &str) -> Vec<String> {
    let own = service == "iam" && ON_ONESELF.split_whitespace().any(|name| name == api);
    if own { derived::user(record).into_iter().collect() } else { Vec::new() }
}
