//! Each mistake names its key, its source, and what mends it.

use super::*;

#[test]
fn every_mistake_names_key_value_line_and_mend() {
    let cases = [
        ("[batch]\nmax_recrods = 7", "batch.max_recrods (site.toml:2): unknown key; did you mean batch.max_records?"),
        (
            "[bacth]\nmax_records = 7",
            "bacth.max_records (site.toml:2): unknown section \"bacth\"; did you mean batch.max_records?",
        ),
        (
            "max_records = 7",
            "max_records (site.toml:1): unknown section \"max_records\"; did you mean batch.max_records?",
        ),
        ("[limits]\nmax_records = 7", "limits.max_records (site.toml:2): unknown key; did you mean batch.max_records?"),
        ("[weather]", "weather (site.toml:1): unknown section \"weather\"; `copydesk config defaults` lists every key"),
        ("batch = 7", "batch (site.toml:1): is a section, not a key; set its keys, below [batch]"),
        (
            "[kafka]\n\"client.rack\" = \"a\"",
            "kafka.client.rack (site.toml:2): unknown key; properties of librdkafka go below [kafka.properties]: \
             kafka.properties.client.rack",
        ),
        (
            "\n[batch]\nmax_records = \"many\"",
            "batch.max_records = \"many\" (site.toml:3): not a whole number from 0; write it as in max_records = 500",
        ),
        (
            "[batch]\nmax_records = 1.5",
            "batch.max_records = 1.5 (site.toml:2): not a whole number from 0; write it as in max_records = 500",
        ),
        (
            "[batch]\nmax_records = true",
            "batch.max_records = true (site.toml:2): not a whole number from 0; write it as in max_records = 500",
        ),
        (
            "[batch]\nmax_records = -1",
            "batch.max_records = -1 (site.toml:2): not a whole number from 0; write it as in max_records = 500",
        ),
        (
            "[topics]\npartitions = 3000000000",
            "topics.partitions = 3000000000 (site.toml:2): not a whole number from -2147483648 to 2147483647; \
             write it as in partitions = 6",
        ),
        (
            "[delivery]\nlinger = \"5 lightyears\"",
            "delivery.linger = \"5 lightyears\" (site.toml:2): not a duration; write it as in linger = \"100ms\"",
        ),
        (
            "[delivery]\nlinger = 100",
            "delivery.linger = 100 (site.toml:2): not a duration; write it as in linger = \"100ms\"",
        ),
        (
            "[batch]\nmax_bytes = \"8 elephants\"",
            "batch.max_bytes = \"8 elephants\" (site.toml:2): not a size; write it as in max_bytes = \"8MiB\"",
        ),
        ("[kafka]\ninstance = 7", "kafka.instance = 7 (site.toml:2): not text; write it as in instance = \"\""),
        (
            "[topics]\ninput = 7",
            "topics.input = 7 (site.toml:2): not a list; write it as in input = [\"copydesk.raw\"]",
        ),
        (
            "[delivery]\nguarantee = \"exactly-once\"",
            "delivery.guarantee = \"exactly-once\" (site.toml:2): no such value; did you mean \"exactly_once\"?",
        ),
        (
            "[delivery]\nguarantee = \"best effort\"",
            "delivery.guarantee = \"best effort\" (site.toml:2): no such value; use one of exactly_once, at_least_once",
        ),
        (
            "[telemetry]\nlisten = \"9600\"",
            "telemetry.listen = \"9600\" (site.toml:2): invalid socket address syntax; \
             write it as in listen = \"127.0.0.1:9600\"",
        ),
        (
            "[kafka.properties]\nacks = \"1\"",
            "kafka.properties.acks = \"1\" (site.toml:2): copydesk sets this property itself; \
             leave it out: every replica in sync must have a record",
        ),
        (
            "[kafka.properties]\nno.such = 1",
            "kafka.properties.no.such (site.toml:2): librdkafka knows no such property; \
             see librdkafka's CONFIGURATION.md for names and values",
        ),
        (
            "[kafka.properties]\nlinger.ms = \"unfit\"",
            "kafka.properties.linger.ms = \"unfit\" (site.toml:2): librdkafka does not take this value; \
             see librdkafka's CONFIGURATION.md for names and values",
        ),
        (
            "[kafka.properties]\nclient.rack = []",
            "kafka.properties.client.rack = [] (site.toml:2): neither text nor a number, true or false; write it as text",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(mistakes(toml), [expected], "{toml}");
    }
}

#[test]
fn a_document_that_does_not_parse_is_told_by_line_and_the_rest_is_read() {
    let found = mistakes("[batch]\nmax_records = 7 8\n[limits\nhtml_depth = 0\n[delivery]\nlinger = \"x\"\n");
    assert!(found.iter().any(|mistake| mistake.starts_with("site.toml:2: not TOML: ")), "{found:#?}");
    assert!(found.iter().any(|mistake| mistake.starts_with("site.toml:3: not TOML: ")), "{found:#?}");
    assert!(found.iter().any(|mistake| mistake.starts_with("delivery.linger = \"x\" (site.toml:6): ")), "{found:#?}");
}

#[test]
fn a_key_that_stands_twice_is_told_by_line() {
    let found = mistakes("[batch]\nmax_records = 7\nmax_records = 8\n");
    assert_eq!(found, ["site.toml:3: not TOML: duplicate key; keep one of the two"]);
}

#[test]
fn variables_and_arguments_are_told_by_name() {
    let variables =
        [("COPYDESK__BATCH__MAX_RECRODS", "7"), ("COPYDESK__DELIVERY__LINGER", "x"), ("COPYDESK__PATH", "/usr/bin")];
    let arguments = [("batch.max_records", "many"), ("nonsense", "1")];
    let found = told(load("", &variables, &arguments).err().unwrap());
    let expected = [
        "batch.max_recrods (COPYDESK__BATCH__MAX_RECRODS): unknown key; \
         did you mean batch.max_records (COPYDESK__BATCH__MAX_RECORDS)?",
        "delivery.linger = \"x\" (COPYDESK__DELIVERY__LINGER): not a duration; write it as in linger = \"100ms\"",
        "path (COPYDESK__PATH): unknown section \"path\"; `copydesk config defaults` lists every key",
        "batch.max_records = \"many\" (--set): not a whole number from 0; write it as in max_records = 500",
        "nonsense (--set): unknown section \"nonsense\"; `copydesk config defaults` lists every key",
    ];
    assert_eq!(found, expected);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let variable = ("COPYDESK__KAFKA__INSTANCE".into(), OsString::from_vec(vec![0xff]));
    let error = Loaded::layered(&[], [variable], &[], |_, _| Ok(())).err().unwrap();
    assert!(error.to_string().contains("COPYDESK__KAFKA__INSTANCE: its value is not UTF-8"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named_with_the_other_mistakes() {
    let files = [PathBuf::from("/nowhere/site.toml")];
    let error = Loaded::layered(&files, [], &owned(&[("batch.max_records", "x")]), |_, _| Ok(())).err().unwrap();
    let told = error.to_string();
    assert!(told.starts_with("configuration: 2 mistakes\n  /nowhere/site.toml: cannot read the file: "), "{told}");
    assert!(told.contains("\n  batch.max_records = \"x\" (--set): "), "{told}");
}

#[test]
fn each_own_property_is_refused_with_what_to_use_instead() {
    for name in ["bootstrap.servers", "group.id", "transactional.id", "isolation.level", "statistics.interval.ms"] {
        let found = mistakes(&format!("[kafka.properties]\n\"{name}\" = \"x\"\n"));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        let instead = own_property(name).unwrap();
        assert!(found[0].contains(name) && found[0].ends_with(instead), "{found:?}");
    }
}

#[test]
fn the_key_that_an_own_property_is_replaced_by_exists() {
    for name in ["bootstrap.servers", "session.timeout.ms", "transaction.timeout.ms", "statistics.interval.ms"] {
        let instead = own_property(name).unwrap().strip_prefix("use ").unwrap();
        assert!(reference::keys().iter().any(|key| key.name == instead), "{instead}");
    }
}
