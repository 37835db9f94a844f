//! Tests of the name tables and of what they suggest.

use super::*;

/// Checks that `lines` ascend strictly, so that there are no doubles either.
#[track_caller]
fn ascend<'l>(lines: impl IntoIterator<Item = &'l str>) {
    let mut before = "";
    for line in lines {
        assert!(before < line, "{before:?} stands before {line:?}");
        before = line;
    }
}

#[track_caller]
fn check_date(api: &str, expected: &str) {
    assert_eq!(without_api_date(api), expected);
}

#[test]
fn the_table_is_sorted_and_without_doubles() {
    let table = Table::get();
    ascend(table.services.iter().map(|service| service.name));
    for service in &table.services {
        ascend(table.apis.at(&service.apis).iter().copied());
        ascend(service.aliases.split_ascii_whitespace());
    }
    ascend(regions().sorted.iter().copied());
    ascend(errors().sorted.iter().copied());
}

#[test]
fn each_written_file_names_its_source_and_ends_with_a_newline() {
    for text in [NAMES, REGIONS, ERRORS] {
        let head = text.lines().next().unwrap_or_default();
        assert!(head.starts_with("# ") && head.contains("botocore 1."), "{head}");
        assert!(text.lines().skip(1).all(|line| !line.is_empty() && !line.starts_with('#')));
        assert!(text.ends_with('\n') && text.is_ascii() && !text.contains('\r'));
    }
}

#[test]
fn each_line_has_the_form_that_the_readme_tells() {
    let word = |text: &str, more: &[u8]| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let table = Table::get();
    for service in &table.services {
        assert!(word(service.name, b"-.") && !service.name.contains(char::is_uppercase));
        assert!(!service.aliases.starts_with(' ') && !service.aliases.ends_with(' '));
        assert!(word(service.aliases, b"- "), "{}", service.aliases);
        for alias in service.aliases.split(' ').filter(|alias| !alias.is_empty()) {
            assert!(!is_service(alias), "{alias} is a service itself");
        }
    }
    for api in &table.apis.sorted {
        assert!(word(api, b"_"), "{api}");
        check_date(api, api);
    }
    assert!(
        regions().sorted.iter().all(|region| region.split('-').count() >= 3 && word(region, b"-"))
    );
    assert!(errors().sorted.iter().all(|code| word(code, b"_.") && split_fault(code).0.is_empty()));
}

#[test]
fn no_api_is_lost_between_services() {
    let table = Table::get();
    let mut next = 0;
    for service in &table.services {
        assert_eq!(service.apis.start, next, "{}", service.name);
        next = service.apis.end;
    }
    assert_eq!(next, table.apis.sorted.len());
    assert!(table.services.len() > 400 && next > 20_000, "{} {next}", table.services.len());
    assert!(NAMES.len() + REGIONS.len() + ERRORS.len() < 600_000);
}

#[test]
fn services_bear_the_names_of_event_source() {
    for name in [
        "monitoring",
        "ses",
        "elasticloadbalancing",
        "states",
        "signin",
        "billingconsole",
        "sso",
        "sso-directory",
        "ec2messages",
        "ssmmessages",
        "amazonmq",
        "cloudshell",
        "macie",
        "robomaker",
        "sms",
        "tagging",
        "elasticfilesystem",
        "elasticmapreduce",
        "es",
        "servicequotas",
        "ec2",
        "iam",
        "discovery-marketplace",
        "servicecatalog-appregistry",
        "mobiletargeting",
        "s3express",
    ] {
        assert!(is_service(name), "{name}");
    }
    for name in
        ["", "cloudwatch", "email", "elbv2", "stepfunctions", "mq", "EC2", "ec2.amazonaws.com"]
    {
        assert!(!is_service(name), "{name}");
    }
}

#[test]
fn apis_are_known_with_their_service() {
    for (service, api) in [
        ("monitoring", "PutMetricAlarm"),
        ("ses", "SendEmail"),
        ("states", "StartExecution"),
        ("elasticloadbalancing", "CreateTargetGroup"),
        ("elasticloadbalancing", "DescribeInstanceHealth"),
        ("s3", "PutBucketPublicAccessBlock"),
        ("s3", "PutBucketPolicy"),
        ("s3", "GetObject"),
        ("s3", "PutAccessPointPolicy"),
        ("signin", "ConsoleLogin"),
        ("signin", "CredentialVerification"),
        ("sso", "Federate"),
        ("sso", "CreatePermissionSet"),
        ("sso", "CreateToken"),
        ("sso-directory", "UpdatePassword"),
        ("sso-directory", "CreateUser"),
        ("secretsmanager", "EndSecretVersionDelete"),
        ("ec2", "SharedSnapshotVolumeCreated"),
        ("ssm", "UpdateInstanceInformation"),
        ("elasticfilesystem", "NewClientConnection"),
        ("organizations", "CreateAccountResult"),
        ("controltower", "CreateManagedAccount"),
        ("bedrock", "PutFoundationModelEntitlement"),
        ("bedrock", "InvokeModel"),
        ("billingconsole", "SetContactAddress"),
        ("amazonmq", "CreateBroker"),
        ("lambda", "UpdateFunctionCode20150331v2"),
        ("lambda", "Invoke"),
        ("rds", "CopyDBClusterSnapshot"),
        ("cloudfront", "CreateDistribution2020_05_31"),
        ("s3", "ListObjectsV2"),
        ("cognito-idp", "Login_GET"),
        ("codecommit", "GitPush"),
        ("opsworks", "CreateStack"),
    ] {
        assert!(has_api(service, api), "{service} {api}");
        assert!(is_api(api) && services_of(api).any(|name| name == service), "{service} {api}");
    }
    for (service, api) in
        [("ec2", "DeleteTrail"), ("nowhere", "GetObject"), ("iq", "GetObject"), ("s3", "")]
    {
        assert!(!has_api(service, api), "{service} {api}");
    }
    assert!(!is_api("deletetrail") && !is_api("DeleteTrial20150331x") && !is_api(""));
}

#[test]
fn an_api_name_tells_its_services() {
    assert_eq!(services_of("DeleteTrail").collect::<Vec<_>>(), ["cloudtrail"]);
    assert_eq!(services_of("ConsoleLogin").collect::<Vec<_>>(), ["signin"]);
    let creators: Vec<_> = services_of("CreateUser").collect();
    assert!(creators.contains(&"iam") && creators.len() > 10, "{creators:?}");
    ascend(creators);
    assert_eq!(services_of("NoSuchThing").count(), 0);
    assert!(apis_of("sts").any(|api| api == "GetCallerIdentity"));
    assert_eq!(apis_of("iq").count() + apis_of("nowhere").count(), 0);
}

#[test]
fn regions_of_all_partitions_are_known() {
    for name in [
        "us-east-1",
        "eu-west-1",
        "us-gov-west-1",
        "cn-northwest-1",
        "us-iso-east-1",
        "eusc-de-east-1",
    ] {
        assert!(is_region(name), "{name}");
    }
    for name in ["", "us-east", "us-east-9", "aws-global", "US-EAST-1", "us-east-1a"] {
        assert!(!is_region(name), "{name}");
    }
}

#[test]
fn error_codes_are_known_with_and_without_fault() {
    for code in [
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "Client.UnauthorizedOperation",
        "Client.DryRunOperation",
        "Client.InvalidPermission.NotFound",
        "ThrottlingException",
        "NoSuchEntityException",
        "NoSuchEntity",
        "NoSuchBucketPolicy",
        "DBInstanceNotFoundFault",
        "Server.InternalError",
        "KMSAccessDeniedException",
        "VpceAccessDenied",
        "TrailNotFoundException",
    ] {
        assert!(is_error_code(code), "{code}");
    }
    for code in [
        "",
        "Client.",
        "AccesDenied",
        "accessdenied",
        "Clint.UnauthorizedOperation",
        "# AWS error codes",
    ] {
        assert!(!is_error_code(code), "{code}");
    }
}

#[test]
fn identity_types_are_those_of_the_documentation() {
    assert_eq!(identity_types().len(), 12);
    assert_eq!(nearest("IamUser", identity_types().iter().copied()), Some("IAMUser"));
}

#[test]
fn only_a_date_at_the_end_is_cut() {
    check_date("UpdateFunctionCode20150331v2", "UpdateFunctionCode");
    check_date("ListTags20170331", "ListTags");
    check_date("CreateDistribution2020_05_31", "CreateDistribution");
    check_date("DeleteEv20150331", "DeleteEv");
    check_date("ListObjectsV2", "ListObjectsV2");
    check_date("CreateThing20151331", "CreateThing20151331");
    check_date("CreateThing2020_05_32", "CreateThing2020_05_32");
    check_date("CreateThing18991231", "CreateThing18991231");
    check_date("20150331v2", "20150331v2");
    check_date("Ünïcode2015033é", "Ünïcode2015033é");
    check_date("", "");
}

#[test]
fn slips_find_what_was_meant() {
    assert_eq!(suggest_api(Some("cloudtrail"), "DeleteTrial"), Some("DeleteTrail"));
    assert_eq!(suggest_api(None, "deletetrail"), Some("DeleteTrail"));
    assert_eq!(
        suggest_api(None, "AuthorizeSecurityGroupIngres"),
        Some("AuthorizeSecurityGroupIngress")
    );
    assert_eq!(
        suggest_api(Some("lambda"), "UpdateFunctonCode20150331v2"),
        Some("UpdateFunctionCode")
    );
    assert_eq!(suggest_api(Some("nowhere"), "CreateAcessKey"), Some("CreateAccessKey"));
    assert_eq!(suggest_api(Some("ec2"), "PutBucketPolicy"), None);
    assert_eq!(suggest_api(None, "FrobnicateTheWhatnots"), None);
    assert_eq!(suggest_region("us-esat-1"), Some("us-east-1"));
    assert_eq!(suggest_region("eu-west1"), Some("eu-west-1"));
    assert_eq!(suggest_region("Frankfurt"), None);
    assert_eq!(suggest_error("AccesDenied").as_deref(), Some("AccessDenied"));
    let dotted = suggest_error("Client.UnauthorisedOperation");
    assert_eq!(dotted.as_deref(), Some("Client.UnauthorizedOperation"));
    assert_eq!(suggest_error("Whatever"), None);
}

#[test]
fn a_service_is_found_by_the_name_it_has_elsewhere() {
    for (name, service) in [
        ("cloudwatch", "monitoring"),
        ("CloudWatch", "monitoring"),
        ("elbv2", "elasticloadbalancing"),
        ("stepfunctions", "states"),
        ("email", "ses"),
        ("mq", "amazonmq"),
        ("efs", "elasticfilesystem"),
        ("ec2.amazonaws.com", "ec2"),
        ("iam.amazonaws.com.cn", "iam"),
        ("EC2", "ec2"),
        ("clodtrail", "cloudtrail"),
        ("secretmanager", "secretsmanager"),
        ("opensearch", "es"),
    ] {
        assert_eq!(suggest_service(name), Some(service), "{name}");
    }
    assert_eq!(suggest_service("frobnicator"), None);
}

#[test]
fn nearest_takes_the_fewest_edits_then_the_text() {
    assert_eq!(
        nearest("sourceIpAddress", ["sourceAddress", "sourceIPAddress"]),
        Some("sourceIPAddress")
    );
    assert_eq!(nearest("abcd", ["abce", "abdc", "abc"]), Some("abc"));
    assert_eq!(nearest("abcd", ["abc", "abce", "abdc"]), Some("abc"));
    assert_eq!(nearest("ABCD", ["abcd", "Abcd"]), Some("Abcd"));
    assert_eq!(nearest("ab", ["ba"]), Some("ba"));
    assert_eq!(nearest("", ["a", "bc"]), Some("a"));
    assert_eq!(nearest("abcdef", [""; 0]), None);
}

#[test]
fn near_is_a_third_of_the_length_and_three_at_most() {
    assert_eq!(nearest("abcde", ["abcxx"]), None);
    assert_eq!(nearest("abcdef", ["abcdxx"]), Some("abcdxx"));
    let long = "abcdefghijklmnopqrstuvwxyz";
    assert_eq!(nearest(long, ["abcdefghijklmnopqrstuvw111"]), Some("abcdefghijklmnopqrstuvw111"));
    assert_eq!(nearest(long, ["abcdefghijklmnopqrstuv1111"]), None);
}

/// What [`nearest`] promises, told without short cuts.
fn nearest_slowly<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let word = word.to_ascii_lowercase();
    let edits = |name: &str| strsim::osa_distance(&word, &name.to_ascii_lowercase());
    let near = candidates.iter().map(|name| (edits(name), *name));
    let near = near.filter(|(edits, _)| *edits <= (word.len() / 3).clamp(1, 3));
    near.min().map(|(_, name)| name)
}

#[test]
fn short_cuts_do_not_change_the_answer_among_real_names() {
    let apis = &Table::get().apis.sorted;
    for at in (0..apis.len()).step_by(4_999) {
        let name = apis[at];
        let tail = &name[name.len().saturating_sub(12)..];
        for word in [format!("{name}x"), name.replacen('e', "", 2), name.replace("te", "et")] {
            assert_eq!(suggest_api(None, &word), nearest_slowly(&word, apis), "{word}");
        }
        assert_eq!(suggest_api(None, tail), nearest_slowly(tail, apis), "{tail}");
    }
}

#[test]
fn short_cuts_do_not_change_the_answer_among_all_short_words() {
    let mut words = vec![String::new()];
    for length in 0..7 {
        let longer = words.iter().filter(|word| word.len() == length);
        let longer: Vec<_> =
            longer.flat_map(|word| ["a", "b"].map(|end| word.clone() + end)).collect();
        words.extend(longer);
    }
    for word in ["abbaab", "aabbabab", "babbb", "abababababab"] {
        for candidate in &words {
            let candidate = [candidate.as_str()];
            assert_eq!(nearest(word, candidate), nearest_slowly(word, &candidate), "{word}");
        }
    }
}
