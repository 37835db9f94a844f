//! Logs, metrics, deployment, configuration and the services that watch.

use super::{Api, api, change, read};
use crate::record::Kind;

/// The calls of this group.
pub(super) const APIS: &[Api] = &[
    change("logs", "CreateLogStream").asks(
        r#"{"logGroupName":"/aws/lambda/<app>-handler","logStreamName":"<day>/[$LATEST]<task>"}"#,
    ).fails("ResourceAlreadyExistsException", "The specified log stream already exists", 12),
    read("logs", "DescribeLogGroups").asks(r#"{"logGroupNamePrefix":"/aws/lambda/<name>","limit":50}"#),
    read("logs", "FilterLogEvents").asks(
        r#"{"logGroupName":"/aws/lambda/<name>-handler","startTime":<stamp>,"filterPattern":"ERROR","limit":1000}"#,
    ),
    change("logs", "StartQuery").asks(
        r#"{"logGroupName":"/aws/lambda/<name>-handler","startTime":<stamp>,"endTime":<stamp>,"queryString":"fields @timestamp, @message | sort @timestamp desc | limit 200","limit":200}"#,
    ).answers(r#"{"queryId":"<uuid>"}"#),
    change("logs", "CreateLogGroup").asks(r#"{"logGroupName":"/aws/lambda/<name>-handler"}"#)
        .fails("ResourceAlreadyExistsException", "The specified log group already exists", 250),
    read("monitoring", "DescribeAlarms").asks(r#"{"alarmNames":["<name>-errors"]}"#),
    read("monitoring", "GetMetricData").asks(
        r#"{"startTime":"<time>","endTime":"<time>","metricDataQueries":[{"id":"m1","metricStat":{"metric":{"namespace":"AWS/SQS","metricName":"ApproximateAgeOfOldestMessage","dimensions":[{"name":"QueueName","value":"<name>"}]},"period":60,"stat":"Maximum"},"returnData":true}]}"#,
    ).fails("Throttling", "Rate exceeded", 10),
    read("monitoring", "ListMetrics").asks(r#"{"namespace":"AWS/ApplicationELB","recentlyActive":"PT3H"}"#),
    change("monitoring", "PutMetricAlarm").asks(
        r#"{"alarmName":"<name>-errors","alarmActions":["arn:aws:sns:<region>:<account>:oncall"],"metricName":"Errors","namespace":"AWS/Lambda","statistic":"Sum","dimensions":[{"name":"FunctionName","value":"<name>-handler"}],"period":60,"evaluationPeriods":3,"threshold":5.0,"comparisonOperator":"GreaterThanThreshold"}"#,
    ),
    read("cloudtrail", "DescribeTrails").asks(r#"{"trailNameList":[],"includeShadowTrails":true}"#),
    read("cloudtrail", "GetTrailStatus").asks(
        r#"{"name":"arn:aws:cloudtrail:eu-west-1:<account>:trail/examplecorp-audit"}"#,
    ),
    read("cloudtrail", "LookupEvents").asks(
        r#"{"maxResults":50,"lookupAttributes":[{"attributeKey":"ResourceName","attributeValue":"<name>"}]}"#,
    ).fails("ThrottlingException", "Rate exceeded", 60),
    read("ssm", "GetParameter").asks(r#"{"name":"/<app>/settings","withDecryption":true}"#).on(
        r#"[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter/<app>/settings"}]"#,
    ).fails("ParameterNotFound", "", 8),
    read("ssm", "GetParametersByPath").asks(
        r#"{"path":"/<app>","recursive":true,"withDecryption":true,"maxResults":10}"#,
    ),
    read("ssm", "DescribeInstanceInformation").asks(
        r#"{"maxResults":50,"filters":[{"key":"PingStatus","valueSet":["Online"]}]}"#,
    ),
    change("ssm", "UpdateInstanceInformation").asks(
        r#"{"instanceId":"<instance>","agentVersion":"3.3.1142.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.20.<octet>.<octet>","computerName":"ip-10-20-<octet>-<octet>.<region>.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"<region><zone>","availabilityZoneId":"<zone>z1"}"#,
    ),
    change("ssm", "PutParameter").asks(
        r#"{"name":"/<name>/release","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"String","overwrite":true}"#,
    ).answers(r#"{"version":<number>,"tier":"Standard"}"#),
    change("cloudformation", "CreateChangeSet").asks(
        r#"{"stackName":"<name>-stack","changeSetName":"release-<hex>","changeSetType":"UPDATE","templateURL":"https://examplecorp-artifacts.s3.<region>.amazonaws.com/<name>.yaml","parameters":[{"parameterKey":"Release","parameterValue":"<hex>"},{"parameterKey":"Size","parameterValue":"m6i.large"}],"capabilities":["CAPABILITY_NAMED_IAM"]}"#,
    ).answers(
        r#"{"id":"arn:aws:cloudformation:<region>:<account>:changeSet/release-<hex>/<uuid>","stackId":"arn:aws:cloudformation:<region>:<account>:stack/<name>-stack/<stackid>"}"#,
    ),
    change("cloudformation", "ExecuteChangeSet").asks(
        r#"{"changeSetName":"release-<hex>","stackName":"<name>-stack"}"#,
    ),
    read("cloudformation", "DescribeStacks").asks(
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<name>-stack/<stackid>"}"#,
    ).fails("ValidationException", "Stack does not exist", 40),
    read("cloudformation", "DescribeStackEvents").asks(
        r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<name>-stack/<stackid>"}"#,
    ),
    change("config", "PutEvaluations").asks(
        r#"{"evaluations":[{"complianceResourceType":"AWS::EC2::Instance","complianceResourceId":"<instance>","complianceType":"COMPLIANT","orderingTimestamp":"<time>"}],"resultToken":"<base64><base64>","testMode":false}"#,
    ).answers(r#"{"failedEvaluations":[]}"#),
    read("config", "DescribeConfigRules").asks(r#"{"configRuleNames":["required-tags"]}"#),
    read("config", "BatchGetResourceConfig").asks(
        r#"{"resourceKeys":[{"resourceType":"AWS::EC2::SecurityGroup","resourceId":"<group>"}]}"#,
    ),
    read("guardduty", "ListDetectors").asks("{}"),
    read("guardduty", "ListFindings").asks(
        r#"{"detectorId":"<detector>","maxResults":50,"sortCriteria":{"attributeName":"updatedAt","orderBy":"DESC"}}"#,
    ),
    read("guardduty", "GetFindings").asks(r#"{"detectorId":"<detector>","findingIds":["<task>"]}"#),
    read("securityhub", "GetFindings").asks(
        r#"{"Filters":{"WorkflowStatus":[{"Value":"NEW","Comparison":"EQUALS"}]},"MaxResults":100}"#,
    ),
    read("health", "DescribeEventAggregates").asks(
        r#"{"aggregateField":"eventTypeCategory","filter":{"eventStatusCodes":["open","upcoming"],"startTimes":[{"from":"<time>"}]}}"#,
    ),
    read("support", "DescribeTrustedAdvisorChecks").asks(r#"{"language":"en"}"#),
    read("tagging", "GetResources").asks(
        r#"{"paginationToken":"","tagFilters":[{"key":"service","values":["<name>"]}],"resourcesPerPage":100}"#,
    ),
    read("route53", "ListHostedZones"),
    change("route53", "ChangeResourceRecordSets").asks(
        r#"{"hostedZoneId":"Z0<hex>","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"<name>.internal.example.com.","type":"CNAME","tTL":60,"resourceRecords":[{"value":"<name>-<hex>.elb.<region>.amazonaws.com"}]}}]}}"#,
    ).answers(
        r#"{"changeInfo":{"id":"/change/C0<hex>","status":"PENDING","submittedAt":"<time>"}}"#,
    ),
    read("ce", "GetCostAndUsage").asks(
        r#"{"timePeriod":{"start":"2025-08-01","end":"2025-09-01"},"granularity":"DAILY","metrics":["UnblendedCost"],"groupBy":[{"type":"DIMENSION","key":"SERVICE"}]}"#,
    ),
    change("events", "PutRule").asks(
        r#"{"name":"<name>-schedule","scheduleExpression":"rate(5 minutes)","state":"ENABLED"}"#,
    ).answers(
        r#"{"ruleArn":"arn:aws:events:<region>:<account>:rule/<name>-schedule"}"#,
    ),
    read("events", "ListRules").asks(r#"{"namePrefix":"<name>"}"#),
    change("states", "StartExecution").asks(
        r#"{"stateMachineArn":"arn:aws:states:<region>:<account>:stateMachine:<name>-flow","name":"<uuid>","input":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
    ).answers(
        r#"{"executionArn":"arn:aws:states:<region>:<account>:execution:<name>-flow:<uuid>","startDate":"<time>"}"#,
    ),
    read("xray", "GetSamplingRules"),
    api(Kind::Write, "backup", "StartBackupJob").asks(
        r#"{"backupVaultName":"nightly","resourceArn":"arn:aws:ec2:<region>:<account>:volume/<volume>","iamRoleArn":"arn:aws:iam::<account>:role/service-role/backup","idempotencyToken":"<uuid>","lifecycle":{"deleteAfterDays":35}}"#,
    ).answers(
        r#"{"backupJobId":"<uuid>","creationDate":"<time>","isParent":false}"#,
    ),
];
