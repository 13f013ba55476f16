//! Values that do not go together.

use super::*;

#[test]
fn each_conflict_names_its_keys_values_and_mend() {
    let cases = [
        (
            "[delivery]\nrevoke_wait = \"30s\"",
            "delivery.revoke_wait = \"30s\" (site.toml:2), kafka.session_timeout = \"30s\" (default): ",
        ),
        (
            "[shutdown]\ngrace = \"30s\"",
            "shutdown.grace = \"30s\" (site.toml:2), kafka.session_timeout = \"30s\" (default): ",
        ),
        (
            "[delivery]\nlinger = \"15s\"",
            "delivery.transaction_timeout = \"15s\" (default), delivery.linger = \"15s\" (site.toml:2): ",
        ),
        (
            "[delivery]\ntransaction_timeout = \"500ms\"",
            "delivery.transaction_timeout = \"500ms\" (site.toml:2), delivery.linger = \"100ms\" (default): ",
        ),
        (
            "[delivery]\ntransaction_timeout = \"16m\"",
            "delivery.transaction_timeout = \"16m\" (site.toml:2): brokers refuse more than 15m",
        ),
        ("[dedup]\nslack = \"30d\"", "dedup.slack = \"30d\" (site.toml:2), dedup.window = \"30d\" (default): "),
        (
            "[limits]\nin_flight_bytes = \"8MB\"\n[batch]\nmax_bytes = \"1MiB\"",
            "limits.payload_bytes = \"8MiB\" (default), limits.in_flight_bytes = \"8MB\" (site.toml:2): ",
        ),
        (
            "[limits]\ndecoded_bytes = \"8MB\"",
            "limits.decoded_bytes = \"8MB\" (site.toml:2), limits.payload_bytes = \"8MiB\" (default): ",
        ),
        (
            "[limits]\narticle_bytes = \"9MiB\"",
            "limits.article_bytes = \"9MiB\" (site.toml:2), limits.record_bytes = \"8MiB\" (default): ",
        ),
        (
            "[limits]\nrecord_bytes = \"7MiB\"",
            "limits.record_bytes = \"7MiB\" (site.toml:2), limits.payload_bytes = \"8MiB\" (default): ",
        ),
        (
            "[batch]\nmax_bytes = \"257MiB\"",
            "batch.max_bytes = \"257MiB\" (site.toml:2), limits.in_flight_bytes = \"256MiB\" (default): ",
        ),
        (
            "[batch]\nmax_records = 0",
            "batch.max_records = 0 (site.toml:2): zero lets nothing through; raise it above 0",
        ),
        ("[limits]\nhtml_depth = 0", "limits.html_depth = 0 (site.toml:2): "),
        ("[limits]\nhtml_nodes = 0", "limits.html_nodes = 0 (site.toml:2): "),
        ("[limits]\nhtml_attributes = 0", "limits.html_attributes = 0 (site.toml:2): "),
        ("[limits]\ndecompression_ratio = 0", "limits.decompression_ratio = 0 (site.toml:2): "),
        ("[limits]\nextract_time = \"0s\"", "limits.extract_time = \"0s\" (site.toml:2): "),
        ("[limits]\njson_depth = 0", "limits.json_depth = 0 (site.toml:2): out of range; set it to 1 to 100"),
        ("[limits]\njson_depth = 101", "limits.json_depth = 101 (site.toml:2): "),
        ("[dead_letters]\nstorm_ratio = 90", "dead_letters.storm_ratio = 90 (site.toml:2): out of range; "),
        ("[dead_letters]\nstorm_ratio = \"nan\"", "dead_letters.storm_ratio = \"nan\" (site.toml:2): out of range; "),
        ("[dead_letters]\nstorm_run = 2000000", "dead_letters.storm_run = 2000000 (site.toml:2): out of range; "),
        ("[extract]\nthreads = 5000", "extract.threads = 5000 (site.toml:2): "),
        (
            "[kafka]\nbootstrap_servers = \"a:9092,b\"",
            "kafka.bootstrap_servers = \"a:9092,b\" (site.toml:2): entry 2 is not host:port; ",
        ),
        (
            "[kafka]\nbootstrap_servers = \"SSL://a:9092\"",
            "kafka.bootstrap_servers = \"SSL://a:9092\" (site.toml:2): entry 1 ",
        ),
        ("[kafka]\nbootstrap_servers = \"a:99999\"", "kafka.bootstrap_servers = \"a:99999\" (site.toml:2): entry 1 "),
        ("[kafka]\ngroup_id = \" \"", "kafka.group_id = \" \" (site.toml:2): empty; "),
        ("[topics]\ninput = []", "topics.input = [] (site.toml:2): empty; name at least one topic"),
        (
            "[topics]\nrecords = \"news articles\"",
            "topics.records = \"news articles\" (site.toml:2): not the name of a topic; ",
        ),
        ("[topics]\nrecords = \"\"", "topics.records = \"\" (site.toml:2): not the name of a topic; "),
        ("[topics]\ninput = [\"a\", \"a\"]", "topics.input = [\"a\", \"a\"] (site.toml:2): one topic stands twice; "),
        (
            "[topics]\ninput = [\"a\", \"copydesk.records\"]",
            "topics.input = [\"a\", \"copydesk.records\"] (site.toml:2), topics.records = \"copydesk.records\" (default): a loop",
        ),
        (
            "[topics]\nchangelog = \"copydesk.records\"",
            "topics.records = \"copydesk.records\" (default), topics.changelog = \"copydesk.records\" (site.toml:2): one topic for two purposes; ",
        ),
        ("[topics]\npartitions = 0", "topics.partitions = 0 (site.toml:2): "),
        ("[topics]\nreplication = -2", "topics.replication = -2 (site.toml:2): "),
        ("[telemetry]\nstatistics_interval = \"99ms\"", "telemetry.statistics_interval = \"99ms\" (site.toml:2): "),
        (
            "[telemetry]\nlog_filter = \"copydesk=loud\"",
            "telemetry.log_filter = \"copydesk=loud\" (site.toml:2): not a filter; ",
        ),
        (
            "[telemetry]\npublishers = [\"example.org\", \"www.example.com\"]",
            "telemetry.publishers = [\"example.org\", \"www.example.com\"] (site.toml:2): entry 2 ",
        ),
    ];
    for (toml, begins) in cases {
        let found = mistakes(toml);
        assert_eq!(found.len(), 1, "{toml}: {found:#?}");
        assert!(found[0].starts_with(begins), "{toml}: {}", found[0]);
        assert!(found[0].contains("; "), "without a mend: {}", found[0]);
    }
}

#[test]
fn what_is_at_its_bound_is_taken() {
    for toml in [
        "[limits]\njson_depth = 100",
        "[limits]\nin_flight_bytes = \"8MiB\"",
        "[telemetry]\nstatistics_interval = \"100ms\"",
        "[telemetry]\npublishers = [\"example.co.uk\"]",
        "[telemetry]\nlog_filter = \"warn,copydesk=debug\"",
        "[topics]\npartitions = -1",
        "[delivery]\ntransaction_timeout = \"15m\"",
        "[delivery]\nlinger = \"0s\"",
        "[kafka]\nbootstrap_servers = \"[::1]:9092, kafka-2.example.org:9093\"",
    ] {
        assert_eq!(mistakes(toml), Vec::<String>::new(), "{toml}");
    }
}

#[test]
fn nothing_is_checked_against_a_key_that_was_meant_to_be_set() {
    for slip in ["[kafka]\nsesion_timeout = \"60s\"\n", "[kafka]\nsession_timeout = 60s\n"] {
        let found = mistakes(&format!("{slip}[shutdown]\ngrace = \"45s\"\n"));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("site.toml:2"), "{found:#?}");
    }
}

#[test]
fn nothing_is_checked_against_a_value_that_is_wrong_itself() {
    let found = mistakes(
        "[limits]\nin_flight_bytes = \"much\"\npayload_bytes = \"300MiB\"\nrecord_bytes = \"300MiB\"\ndecoded_bytes = \"300MiB\"\n",
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("limits.in_flight_bytes = \"much\""), "{found:#?}");
}
