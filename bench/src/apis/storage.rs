//! S3 (management and data), DynamoDB, RDS, queues and topics.

use super::{Api, api, change, read};
use crate::record::Kind;

const BUCKET: &str =
    r#"[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const OBJECT: &str = r#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<day>/<object>.gz"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const TABLE: &str = r#"[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<name>"}]"#;

/// The calls of this group.
pub(super) const APIS: &[Api] = &[
    read("s3", "ListBuckets").asks(r#"{"Host":"s3.amazonaws.com"}"#),
    read("s3", "GetBucketAcl").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}"#,
    ).on(BUCKET),
    read("s3", "GetBucketPolicy").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}"#,
    ).on(BUCKET).fails("NoSuchBucketPolicy", "The bucket policy does not exist", 120),
    read("s3", "GetBucketLocation").asks(
        r#"{"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com","location":""}"#,
    ).on(BUCKET),
    read("s3", "GetBucketTagging").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","tagging":""}"#,
    ).on(BUCKET).fails("NoSuchTagSet", "The TagSet does not exist", 120),
    read("s3", "GetBucketEncryption").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","encryption":""}"#,
    ).on(BUCKET),
    read("s3", "GetBucketVersioning").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","versioning":""}"#,
    ).on(BUCKET),
    read("s3", "GetBucketPublicAccessBlock").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","publicAccessBlock":""}"#,
    ).on(BUCKET),
    api(Kind::DataRead, "s3", "GetObject").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<day>/<object>.gz"}"#,
    ).on(OBJECT).fails("NoSuchKey", "The specified key does not exist.", 15),
    api(Kind::DataRead, "s3", "HeadObject").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<day>/<object>.gz"}"#,
    ).on(OBJECT),
    api(Kind::DataWrite, "s3", "PutObject").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<day>/<object>.gz","x-amz-server-side-encryption":"aws:kms"}"#,
    ).answers(
        r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<cmk>"}"#,
    ).on(OBJECT),
    api(Kind::DataRead, "s3", "ListObjects").asks(
        r#"{"list-type":"2","bucketName":"<bucket>","prefix":"<day>/","Host":"<bucket>.s3.<region>.amazonaws.com","encoding-type":"url"}"#,
    ).on(BUCKET),
    change("s3", "PutBucketTagging").asks(
        r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","tagging":"","Tagging":{"TagSet":{"Tag":{"Key":"service","Value":"<name>"}}}}"#,
    ).on(BUCKET),
    read("dynamodb", "DescribeTable").asks(r#"{"tableName":"<name>"}"#).on(TABLE),
    read("dynamodb", "ListTables").asks("{}"),
    read("dynamodb", "DescribeContinuousBackups").asks(r#"{"tableName":"<name>"}"#).on(TABLE),
    api(Kind::DataRead, "dynamodb", "GetItem").asks(
        r#"{"tableName":"<name>","key":{"id":{"s":"HIDDEN_DUE_TO_SECURITY_REASONS"}},"consistentRead":false}"#,
    ).on(TABLE),
    api(Kind::DataRead, "dynamodb", "Query").asks(
        r#"{"tableName":"<name>","keyConditionExpression":"id = :id","limit":25,"scanIndexForward":false}"#,
    ).on(TABLE),
    api(Kind::DataWrite, "dynamodb", "PutItem").asks(
        r#"{"tableName":"<name>","key":{"id":{"s":"HIDDEN_DUE_TO_SECURITY_REASONS"}},"items":["id","state","updated"]}"#,
    ).on(TABLE).fails("ConditionalCheckFailedException", "The conditional request failed", 20),
    read("rds", "DescribeDBInstances").asks(r#"{"dBInstanceIdentifier":"<name>-db"}"#)
        .fails("DBInstanceNotFound", "DBInstance not found.", 8),
    read("rds", "DescribeDBClusters").asks(r#"{"maxRecords":100}"#),
    read("rds", "ListTagsForResource").asks(
        r#"{"resourceName":"arn:aws:rds:<region>:<account>:db:<name>-db"}"#,
    ),
    change("rds", "CreateDBSnapshot").asks(
        r#"{"dBSnapshotIdentifier":"<name>-<hex>","dBInstanceIdentifier":"<name>-db"}"#,
    ).answers(
        r#"{"dBSnapshotIdentifier":"<name>-<hex>","dBInstanceIdentifier":"<name>-db","engine":"postgres","allocatedStorage":200,"status":"creating","port":5432,"availabilityZone":"<region><zone>","vpcId":"<vpc>","instanceCreateTime":"<time>","masterUsername":"app","engineVersion":"16.3","licenseModel":"postgresql-license","snapshotType":"manual","percentProgress":0,"storageType":"gp3","encrypted":true,"dBSnapshotArn":"arn:aws:rds:<region>:<account>:snapshot:<name>-<hex>","iAMDatabaseAuthenticationEnabled":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<cmk>"}"#,
    ),
    read("sqs", "GetQueueAttributes").asks(
        r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<name>","attributeNames":["ApproximateNumberOfMessages"]}"#,
    ),
    read("sqs", "ListQueues").asks(r#"{"queueNamePrefix":"<name>"}"#),
    read("sns", "GetTopicAttributes").asks(
        r#"{"topicArn":"arn:aws:sns:<region>:<account>:<name>-events"}"#,
    ),
    read("sns", "ListTopics"),
    change("sns", "Subscribe").asks(
        r#"{"topicArn":"arn:aws:sns:<region>:<account>:<name>-events","protocol":"sqs","endpoint":"arn:aws:sqs:<region>:<account>:<name>"}"#,
    ).answers(
        r#"{"subscriptionArn":"arn:aws:sns:<region>:<account>:<name>-events:<uuid>"}"#,
    ),
    read("athena", "GetQueryExecution").asks(r#"{"queryExecutionId":"<uuid>"}"#),
    change("athena", "StartQueryExecution").asks(
        r#"{"queryString":"***OMITTED***","workGroup":"analysts","clientRequestToken":"<uuid>","queryExecutionContext":{"database":"<name>"},"resultConfiguration":{"outputLocation":"s3://examplecorp-reports/athena/"}}"#,
    ).answers(r#"{"queryExecutionId":"<uuid>"}"#),
    read("glue", "GetTable").asks(
        r#"{"databaseName":"<name>","name":"events","catalogId":"<account>"}"#,
    ).fails("EntityNotFoundException", "Entity Not Found", 25),
    read("glue", "GetPartitions").asks(
        r#"{"databaseName":"<name>","tableName":"events","maxResults":1000}"#,
    ),
];
