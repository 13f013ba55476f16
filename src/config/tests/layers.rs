//! What overrides what.

use super::*;

#[test]
fn the_defaults_are_valid_and_open_no_port() {
    let config = load("", &[], &[]).unwrap().config;
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
        ("COPYDESK__TOPICS__INPUT", "a, b"),
        ("COPYDESK__TELEMETRY__LISTEN", "127.0.0.1:9600"),
        ("COPYDESK_PORT", "tcp://10.0.0.1:80"),
    ];
    let config = load(file, &variables, &[]).unwrap().config;
    assert_eq!(config.batch.max_records, 9);
    assert_eq!(config.delivery.linger, Duration::from_millis(20));
    assert_eq!(config.topics.input, ["a", "b"]);
    assert_eq!(config.telemetry.listen, Some("127.0.0.1:9600".parse().unwrap()));
}

#[test]
fn the_command_line_overrides_variables_and_sets_lists_and_properties() {
    let arguments = [
        ("topics.input", "a"),
        ("batch.max_records", "11"),
        ("kafka.properties.security.protocol", "SASL_PLAINTEXT"),
        ("kafka.properties.retries", "3"),
        ("telemetry.listen", "127.0.0.1:0"),
    ];
    let config = load("", &[("COPYDESK__BATCH__MAX_RECORDS", "9")], &arguments).unwrap().config;
    assert_eq!(config.topics.input, ["a"]);
    assert_eq!(config.batch.max_records, 11);
    let properties: Vec<_> = config.kafka.properties.iter().map(|(name, value)| (name, value.expose())).collect();
    assert_eq!(properties, [("retries", "3"), ("security.protocol", "SASL_PLAINTEXT")]);
    assert_eq!(config.telemetry.listen, Some("127.0.0.1:0".parse().unwrap()));
}

#[test]
fn an_empty_variable_takes_an_optional_key_back() {
    let file = "[telemetry]\nlisten = \"127.0.0.1:9600\"\n";
    assert_eq!(load(file, &[("COPYDESK__TELEMETRY__LISTEN", "")], &[]).unwrap().config.telemetry.listen, None);
}

#[test]
fn properties_are_named_with_or_without_quotes_and_hold_numbers_too() {
    let file =
        "[kafka.properties]\n\"client.rack\" = \"a\"\nsocket.timeout.ms = 5000\n\"socket.keepalive.enable\" = true\n";
    let variables = [("COPYDESK__KAFKA__PROPERTIES__LINGER__MS", "7")];
    let config = load(file, &variables, &[]).unwrap().config;
    let properties: Vec<_> = config.kafka.properties.iter().map(|(name, value)| (name, value.expose())).collect();
    let expected =
        [("client.rack", "a"), ("linger.ms", "7"), ("socket.keepalive.enable", "true"), ("socket.timeout.ms", "5000")];
    assert_eq!(properties, expected);
}

#[test]
fn later_files_win() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = ["3", "5"]
        .map(|number| {
            let file = folder.path().join(number);
            std::fs::write(&file, format!("[batch]\nmax_records = {number}\n")).unwrap();
            file
        })
        .into();
    let loaded = Loaded::layered(&files, [], &[], |_, _| Ok(())).unwrap();
    assert_eq!(loaded.config.batch.max_records, 5);
}

#[test]
fn what_is_shown_loads_again_to_the_same_and_names_its_sources() {
    let file = "[batch]\nmax_records = 7\n[delivery]\nlinger = \"20ms\"\n[kafka.properties]\nclient.rack = \"a\"\n";
    let variables = [("COPYDESK__BATCH__MAX_RECORDS", "9"), ("COPYDESK__TOPICS__INPUT", "a,b")];
    let loaded = load(file, &variables, &[("telemetry.listen", "127.0.0.1:0")]).unwrap();
    let shown = loaded.to_toml();
    assert_eq!(load(&shown, &[], &[]).unwrap().config, loaded.config);
    for line in [
        "max_records = 9  # from COPYDESK__BATCH__MAX_RECORDS",
        "input = [\"a\", \"b\"]  # from COPYDESK__TOPICS__INPUT",
        "listen = \"127.0.0.1:0\"  # from --set",
        "window = \"30d\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    assert!(shown.contains("linger = \"20ms\"  # from ") && shown.contains("site.toml:4"), "{shown}");
    assert!(shown.contains("[kafka.properties]\n\"client.rack\" = \"a\"  # from "), "{shown}");
}
