use super::*;

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copydesk.toml");
    std::fs::write(&file, toml).unwrap();
    let variables = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::layered(&[file], config::Environment::with_prefix("COPYDESK").source(Some(variables)), &[])
}

#[test]
fn the_defaults_are_valid_and_open_no_port() {
    let config = load("", &[]).unwrap();
    assert_eq!(config.telemetry.listen, None);
    assert_eq!(config.delivery.guarantee, Guarantee::ExactlyOnce);
    assert_eq!(config.batch.max_bytes, ByteSize::mib(8));
    assert_eq!(config.dedup.window, Duration::from_secs(30 * 24 * 3600));
}

#[test]
fn a_variable_overrides_a_file_which_overrides_the_defaults() {
    let file = "[batch]\nmax_records = 7\n[delivery]\nlinger = \"20ms\"\n[topics]\ninput = [\"one\"]\n";
    let variables = [
        ("COPYDESK__BATCH__MAX_RECORDS", "9"),
        ("COPYDESK__TOPICS__INPUT", "a,b"),
        ("COPYDESK__TELEMETRY__LISTEN", "127.0.0.1:9600"),
    ];
    let config = load(file, &variables).unwrap();
    assert_eq!(config.batch.max_records, 9);
    assert_eq!(config.delivery.linger, Duration::from_millis(20));
    assert_eq!(config.topics.input, ["a", "b"]);
    assert_eq!(config.telemetry.listen, Some("127.0.0.1:9600".parse().unwrap()));
}

#[test]
fn an_unknown_key_is_an_error_that_names_it() {
    let error = load("[batch]\nmax_recrods = 7\n", &[]).unwrap_err().to_string();
    assert!(error.contains("max_recrods"), "{error}");
}

#[test]
fn values_that_make_no_sense_are_refused_by_key() {
    for (toml, key) in [
        ("[batch]\nmax_records = 0\n", "batch.max_records"),
        ("[limits]\nin_flight_bytes = \"1MiB\"\n", "limits.in_flight_bytes"),
        ("[delivery]\nrevoke_wait = \"40s\"\n", "delivery.revoke_wait"),
    ] {
        let error = load(toml, &[]).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
}

#[test]
fn the_command_line_overrides_variables_and_sets_lists_and_properties() {
    let overrides = [
        ("topics.input", "a"),
        ("batch.max_records", "11"),
        ("kafka.properties.security.protocol", "SSL"),
        ("kafka.properties.retries", "3"),
        ("telemetry.listen", "127.0.0.1:0"),
    ];
    let overrides = overrides.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let variables = [("COPYDESK__BATCH__MAX_RECORDS".to_owned(), "9".to_owned())].into();
    let environment = config::Environment::with_prefix("COPYDESK").source(Some(variables));
    let config = Config::layered(&[], environment, &overrides).unwrap();
    assert_eq!(config.topics.input, ["a"]);
    assert_eq!(config.batch.max_records, 11);
    let properties: Vec<_> =
        config.kafka.properties.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(properties, [("retries", "3"), ("security.protocol", "SSL")]);
    assert_eq!(config.telemetry.listen, Some("127.0.0.1:0".parse().unwrap()));
}
