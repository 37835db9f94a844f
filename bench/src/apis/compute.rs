//! EC2, load balancing, scaling, containers and functions.

use super::{Api, change, read};

/// The calls of this group.
pub(super) const APIS: &[Api] = &[
    read("ec2", "DescribeInstances").asks(
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{}}"#,
    ).fails("Client.InvalidInstanceID.NotFound", "The instance ID does not exist", 6),
    read("ec2", "DescribeInstanceStatus").asks(
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{},"includeAllInstances":false}"#,
    ),
    read("ec2", "DescribeVolumes").asks(r#"{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"<instance>"}]}}]}}"#),
    read("ec2", "DescribeSnapshots").asks(
        r#"{"maxResults":100,"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{},"sharedUsersSet":{},"filterSet":{"items":[{"name":"volume-id","valueSet":{"items":[{"value":"<volume>"}]}}]}}"#,
    ),
    read("ec2", "DescribeSecurityGroups").asks(
        r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<group>"}]},"filterSet":{}}"#,
    ),
    read("ec2", "DescribeSubnets").asks(
        r#"{"subnetSet":{"items":[{"subnetId":"<subnet>"}]},"filterSet":{}}"#,
    ),
    read("ec2", "DescribeVpcs").asks(r#"{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeRouteTables").asks(
        r#"{"routeTableIdSet":{"items":[{"routeTableId":"<routes>"}]},"filterSet":{}}"#,
    ).fails("Client.InvalidRouteTableID.NotFound", "The routeTable ID does not exist", 8),
    read("ec2", "DescribeNetworkInterfaces").asks(
        r#"{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"<interface>"}]},"filterSet":{}}"#,
    ),
    read("ec2", "DescribeImages").asks(
        r#"{"executableBySet":{},"imagesSet":{"items":[{"imageId":"<image>"}]},"ownersSet":{},"filterSet":{}}"#,
    ),
    read("ec2", "DescribeTags").asks(
        r#"{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<instance>"},{"value":"<volume>"}]}}]}}"#,
    ),
    read("ec2", "DescribeLaunchTemplateVersions").asks(
        r#"{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"<template>","LaunchTemplateVersion":{"tag":1,"content":"$Latest"}}}"#,
    ),
    change("ec2", "RunInstances").asks(
        r#"{"instancesSet":{"items":[{"imageId":"<image>","minCount":1,"maxCount":1}]},"instanceType":"m6i.large","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"fleet-<uuid>","iamInstanceProfile":{"name":"<name>-instance"},"launchTemplate":{"launchTemplateId":"<template>","version":"7"}}"#,
    ).answers(
        r#"{"requestId":"<requestid>","reservationId":"r-0<hex>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[{"instanceId":"<instance>","imageId":"<image>","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-20-<octet>-<octet>.<region>.compute.internal","amiLaunchIndex":0,"instanceType":"m6i.large","launchTime":<stamp>,"placement":{"availabilityZone":"<region><zone>","tenancy":"default"},"subnetId":"<subnet>","vpcId":"<vpc>","privateIpAddress":"10.20.<octet>.<octet>","architecture":"x86_64","rootDeviceType":"ebs","virtualizationType":"hvm"}]}}"#,
    ).fails("Server.InsufficientInstanceCapacity", "We currently do not have sufficient capacity in the zone you requested.", 20),
    change("ec2", "TerminateInstances").asks(
        r#"{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}"#,
    ).answers(
        r#"{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}"#,
    ),
    change("ec2", "CreateTags").asks(
        r#"{"resourcesSet":{"items":[{"resourceId":"<instance>"},{"resourceId":"<volume>"}]},"tagSet":{"items":[{"key":"service","value":"<name>"},{"key":"owner","value":"platform@example.com"}]}}"#,
    ).answers(r#"{"requestId":"<requestid>","_return":true}"#),
    change("ec2", "CreateSnapshot").asks(
        r#"{"volumeId":"<volume>","description":"nightly <day>","tagSpecificationSet":{"items":[{"resourceType":"snapshot","tags":[{"key":"plan","value":"nightly"}]}]}}"#,
    ).answers(
        r#"{"requestId":"<requestid>","snapshotId":"<snapshot>","volumeId":"<volume>","status":"pending","startTime":<stamp>,"progress":"","ownerId":"<account>","volumeSize":"100","encrypted":true}"#,
    ),
    change("ec2", "DeleteSnapshot").asks(r#"{"snapshotId":"<snapshot>"}"#)
        .answers(r#"{"requestId":"<requestid>","_return":true}"#),
    change("ec2", "CreateNetworkInterface").asks(
        r#"{"subnetId":"<subnet>","description":"interface of <name>","groupSet":{"items":[{"groupId":"<group>"}]},"privateIpAddressesSet":{},"ipv6AddressCount":0,"clientToken":"<uuid>"}"#,
    ).answers(
        r#"{"requestId":"<requestid>","networkInterface":{"networkInterfaceId":"<interface>","subnetId":"<subnet>","vpcId":"<vpc>","availabilityZone":"<region><zone>","description":"interface of <name>","ownerId":"<account>","requesterManaged":true,"status":"pending","privateIpAddress":"10.20.<octet>.<octet>","sourceDestCheck":true,"interfaceType":"interface","groupSet":{"items":[{"groupId":"<group>","groupName":"<name>"}]},"tagSet":{}}}"#,
    ),
    change("ec2", "AuthorizeSecurityGroupIngress").asks(
        r#"{"groupId":"<group>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.20.0.0/16","description":"inside"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#,
    ).answers(
        r#"{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<group>","securityGroupRuleId":"sgr-0<hex>","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"10.20.0.0/16"}]}}"#,
    ).fails("Client.InvalidPermission.Duplicate", "the specified rule already exists", 90),
    read("elasticloadbalancing", "DescribeTargetHealth").asks(
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<target>"}"#,
    ),
    read("elasticloadbalancing", "DescribeLoadBalancers").asks(
        r#"{"loadBalancerArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<balancer>"]}"#,
    ),
    read("elasticloadbalancing", "DescribeTargetGroups").asks(
        r#"{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<balancer>"}"#,
    ),
    change("elasticloadbalancing", "RegisterTargets").asks(
        r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<name>/<target>","targets":[{"id":"10.20.<octet>.<octet>","port":8080}]}"#,
    ),
    read("autoscaling", "DescribeAutoScalingGroups").asks(
        r#"{"autoScalingGroupNames":["<name>-fleet"]}"#,
    ).fails("ThrottlingException", "Rate exceeded", 15),
    change("autoscaling", "SetDesiredCapacity").asks(
        r#"{"autoScalingGroupName":"<name>-fleet","desiredCapacity":<number>,"honorCooldown":true}"#,
    ),
    read("ecs", "DescribeServices").asks(
        r#"{"cluster":"<cluster>","services":["<name>-service"]}"#,
    ),
    read("ecs", "DescribeTasks").asks(
        r#"{"cluster":"<cluster>","tasks":["arn:aws:ecs:<region>:<account>:task/<cluster>/<task>"]}"#,
    ),
    change("ecs", "SubmitTaskStateChange").asks(
        r#"{"cluster":"arn:aws:ecs:<region>:<account>:cluster/<cluster>","task":"arn:aws:ecs:<region>:<account>:task/<cluster>/<task>","status":"RUNNING","pullStartedAt":"<time>","pullStoppedAt":"<time>"}"#,
    ).answers(r#"{"acknowledgment":"ACCEPT"}"#),
    change("ecs", "RegisterTaskDefinition").asks(
        r#"{"family":"<name>","taskRoleArn":"arn:aws:iam::<account>:role/<name>-task","executionRoleArn":"arn:aws:iam::<account>:role/ecs-execution","networkMode":"awsvpc","cpu":"512","memory":"1024","requiresCompatibilities":["FARGATE"],"containerDefinitions":[{"name":"<name>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<name>:<hex>","essential":true,"environment":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}"#,
    ).answers(
        r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<name>:<number>","family":"<name>","taskRoleArn":"arn:aws:iam::<account>:role/<name>-task","executionRoleArn":"arn:aws:iam::<account>:role/ecs-execution","networkMode":"awsvpc","revision":<number>,"volumes":[],"status":"ACTIVE","requiresAttributes":[{"name":"com.amazonaws.ecs.capability.docker-remote-api.1.19"},{"name":"com.amazonaws.ecs.capability.task-iam-role"},{"name":"ecs.capability.execution-role-awslogs"},{"name":"ecs.capability.task-eni"}],"placementConstraints":[],"compatibilities":["EC2","FARGATE"],"cpu":"512","memory":"1024","containerDefinitions":[{"name":"<name>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<name>:<hex>","cpu":0,"essential":true,"environment":"HIDDEN_DUE_TO_SECURITY_REASONS","mountPoints":[],"volumesFrom":[],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/<name>","awslogs-region":"<region>","awslogs-stream-prefix":"<name>"}}}],"registeredAt":"<time>","registeredBy":"<principal>"}}"#,
    ),
    change("ecs", "UpdateService").asks(
        r#"{"cluster":"<cluster>","service":"<name>-service","taskDefinition":"<name>:<number>","forceNewDeployment":false}"#,
    ).answers(
        r#"{"service":{"serviceArn":"arn:aws:ecs:<region>:<account>:service/<cluster>/<name>-service","serviceName":"<name>-service","status":"ACTIVE","desiredCount":3,"runningCount":3,"pendingCount":0,"launchType":"FARGATE","schedulingStrategy":"REPLICA"}}"#,
    ),
    read("eks", "DescribeCluster").asks(r#"{"name":"<cluster>"}"#),
    read("eks", "ListNodegroups").asks(r#"{"name":"<cluster>","maxResults":100}"#),
    read("lambda", "GetFunction20150331v2").asks(r#"{"functionName":"<name>-handler"}"#)
        .fails("ResourceNotFoundException", "Function not found", 10),
    read("lambda", "ListFunctions20150331").asks(r#"{"maxItems":50}"#),
    change("lambda", "UpdateFunctionCode20150331v2").asks(
        r#"{"functionName":"<name>-handler","s3Bucket":"examplecorp-artifacts","s3Key":"<name>/<hex>.zip","publish":false,"dryRun":false}"#,
    ).answers(
        r#"{"functionName":"<name>-handler","functionArn":"arn:aws:lambda:<region>:<account>:function:<name>-handler","runtime":"provided.al2023","role":"arn:aws:iam::<account>:role/<name>-function","handler":"bootstrap","codeSize":4<number>,"timeout":30,"memorySize":256,"lastModified":"<time>","codeSha256":"<base64>=","version":"$LATEST","tracingConfig":{"mode":"Active"},"state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["arm64"]}"#,
    ),
    change("lambda", "PublishVersion20150331").asks(
        r#"{"functionName":"<name>-handler","codeSha256":"<base64>="}"#,
    ).answers(
        r#"{"functionName":"<name>-handler","functionArn":"arn:aws:lambda:<region>:<account>:function:<name>-handler:<number>","version":"<number>","state":"Active"}"#,
    ),
    Api { kind: crate::record::Kind::DataWrite, ..change("lambda", "Invoke") }.asks(
        r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<name>-handler","invocationType":"RequestResponse"}"#,
    ).on(
        r#"[{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<name>-handler"}]"#,
    ),
    read("ecr", "GetAuthorizationToken").asks("{}"),
    read("ecr", "BatchGetImage").asks(
        r#"{"registryId":"<account>","repositoryName":"<name>","imageIds":[{"imageTag":"<hex>"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json"]}"#,
    ).on(
        r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<name>"}]"#,
    ),
    change("ecr", "PutImage").asks(
        r#"{"registryId":"<account>","repositoryName":"<name>","imageTag":"<hex>","imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#,
    ).answers(
        r#"{"image":{"registryId":"<account>","repositoryName":"<name>","imageId":{"imageTag":"<hex>"}}}"#,
    ).on(
        r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<name>"}]"#,
    ),
];
