//! A secret reaches its client and nothing else.

use super::*;

const SECRET: &str = "hunter2-correct-horse";

/// Everything that can be printed of what was loaded.
fn outputs(loaded: &Loaded) -> String {
    let config = &loaded.config;
    format!("{config:?}\n{config:#?}\n{}\n{}", loaded.to_toml(), toml::to_string(config).unwrap())
}

#[test]
fn a_secret_from_a_file_or_in_the_clear_is_in_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let reference = format!("${{file:{}}}", file.display());
    let toml = format!(
        "[kafka.properties]\nsasl.username = '{reference}'\nsasl.password = '{SECRET}'\nclient.rack = '{reference}'\n"
    );
    let loaded = load(&toml, &[], &[]).unwrap();
    let exposed: Vec<_> = loaded.config.kafka.properties.iter().map(|(_, value)| value.expose()).collect();
    assert_eq!(exposed.iter().filter(|value| **value == SECRET).count(), 3, "each reaches its client");
    let outputs = outputs(&loaded);
    assert!(!outputs.contains(SECRET), "{outputs}");
    let shown = loaded.to_toml();
    assert!(shown.contains(&format!("\"sasl.username\" = \"{reference}\"")), "{shown}");
    assert!(shown.contains("\"sasl.password\" = \"[redacted]\""), "{shown}");
}

#[test]
fn a_value_that_overrides_a_reference_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rack");
    std::fs::write(&file, "a").unwrap();
    let toml = format!("[kafka.properties]\nclient.rack = '${{file:{}}}'\n", file.display());
    let loaded = load(&toml, &[], &[("kafka.properties.client.rack", "b")]).unwrap();
    assert!(loaded.to_toml().contains("\"client.rack\" = \"b\"  # from --set"), "{}", loaded.to_toml());
}

#[test]
fn any_key_takes_its_value_from_a_file_or_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    std::fs::write(&file, "42\n").unwrap();
    let reference = format!("${{file:{}}}", file.display());
    let arguments = [("batch.max_records", reference.as_str()), ("kafka.instance", "${env:PATH}")];
    let loaded = load("", &[], &arguments).unwrap();
    assert_eq!(loaded.config.batch.max_records, 42);
    assert_eq!(loaded.config.kafka.instance, std::env::var("PATH").unwrap());
    assert!(loaded.to_toml().contains("instance = \"${env:PATH}\"  # from --set"), "{}", loaded.to_toml());
}

#[test]
fn a_reference_that_leads_nowhere_names_key_and_path() {
    let found = mistakes("[kafka.properties]\nsasl.password = \"${file:/nowhere/password}\"\n");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].starts_with(
            "kafka.properties.sasl.password = \"${file:/nowhere/password}\" (site.toml:2): \
             cannot read the file /nowhere/password: "
        ),
        "{found:#?}"
    );
}

/// Whatever is wrong with a secret, or with the place that it was put in.
#[test]
fn no_mistake_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, SECRET).unwrap();
    let reference = format!("${{file:{}}}", file.display());
    let own = format!("[kafka.properties]\nenable.idempotence = '{reference}'\n");
    let cases = [
        format!("[kafka]\nsasl_pasword = '{SECRET}'\n"),
        format!("[kafka]\n\"sasl.password\" = '{SECRET}'\n"),
        format!("pasword = '{SECRET}'\n"),
        format!("[kafka.properties]\nsasl.password = '{SECRET}\n"),
        format!("[kafka.properties]\nsasl.password = {SECRET}\n"),
        format!("[kafka.properties]\nsasl.password = ['{SECRET}']\n"),
        format!("[batch]\nmax_records = '{reference}'\n"),
        format!("[delivery]\nguarantee = '{reference}'\nlinger = '{reference}'\n"),
        format!("[telemetry]\nlisten = '{reference}'\nlog_filter = '={reference}'\n"),
        format!("[kafka]\nbootstrap_servers = '{reference}'\n"),
        format!("[topics]\nrecords = '{reference}'\nchangelog = '{reference}'\n"),
        own,
    ];
    for toml in cases {
        let error = load(&toml, &[], &[("kafka.properties.no.such", &reference)]).err().unwrap();
        assert!(error.mistakes.len() > 1, "{toml}: {error}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains(SECRET), "{toml}: {told}");
    }
    let variables = [("COPYDESK__KAFKA__SASL_PASSWORD", SECRET)];
    let told = load("", &variables, &[]).err().unwrap().to_string();
    assert!(!told.contains(SECRET), "{told}");
}
