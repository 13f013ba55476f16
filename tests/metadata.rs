//! What a page says about its article, source by source, and the traps of each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::sync::LazyLock;

use copydesk::article::about::{AiTraining, ArticleKind, AuthorKind, FieldSource};
use copydesk::article::{Article, DateSource, ExtractLimits, Extractor, Precision};
use copydesk::document::{Content, Document, Extracted, Hints, Served};

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| Extractor::new(ExtractLimits::default()).unwrap());

const TEXT: &str = "<p>The council met on Monday evening to decide about the new bridge over the river, which has been planned for years.</p>\
    <p>Members of all parties agreed that the old bridge cannot carry the traffic of the town any longer, and that work must begin.</p>\
    <p>The cost of the project is put at twelve million, most of which the county has promised to pay over the next decade.</p>";

const URL: &str = "https://www.valleypost.example/news/council-agrees-on-new-bridge";

fn with(head: &str, body: &str, hints: Hints) -> Article {
    let html = format!("<html lang=\"en\"><head>{head}</head><body><article>{body}{TEXT}</article></body></html>");
    EXTRACTOR.extract(&Document { content: Content::Html(html), hints }).unwrap().article
}

fn page(head: &str, body: &str) -> Article {
    with(head, body, Hints { url: Some(URL.to_owned()), ..Hints::default() })
}

fn data(json: &str) -> String {
    format!("<script type=\"application/ld+json\">{json}</script>")
}

fn names(article: &Article) -> Vec<&str> {
    article.authors.iter().map(|author| author.name.as_str()).collect()
}

#[test]
fn each_source_of_a_date_is_named_with_what_it_wrote() {
    let cases = [
        (
            data(r#"{"@type":"NewsArticle","datePublished":"2024-03-05T08:30:00+01:00"}"#),
            "",
            "2024-03-05T08:30:00+01:00",
            DateSource::Jsonld,
        ),
        (
            "<meta property='article:published_time' content='2024-03-05T08:30Z'>".to_owned(),
            "",
            "2024-03-05T08:30:00Z",
            DateSource::Meta,
        ),
        (
            String::new(),
            "<h1>Council agrees on new bridge</h1><span itemprop='datePublished' content='2024-03-05'>Tuesday</span>",
            "2024-03-05",
            DateSource::Microdata,
        ),
        (
            String::new(),
            "<h1>Council agrees on new bridge</h1><p><time datetime='2024-03-05T08:30'>March 5</time></p>",
            "2024-03-05T08:30:00",
            DateSource::Time,
        ),
        (String::new(), "<h1>Council agrees on new bridge</h1><p>5 March 2024</p>", "2024-03-05", DateSource::Text),
        (
            "<meta property='og:image' content='https://cdn.valleypost.example/2024/03/05/bridge.jpg'>".to_owned(),
            "",
            "2024-03-05",
            DateSource::Image,
        ),
    ];
    for (head, body, value, source) in cases {
        let date = page(&head, body).published.unwrap_or_else(|| panic!("no date by {source:?}"));
        assert_eq!((date.value.as_str(), date.source), (value, source));
        assert!(!date.raw.is_empty());
    }
    let url = Hints { url: Some("https://www.valleypost.example/2024/03/05/bridge".to_owned()), ..Hints::default() };
    let date = with("", "", url).published.unwrap();
    assert_eq!((date.value.as_str(), date.source, date.raw.as_str()), ("2024-03-05", DateSource::Url, "2024/03/05"));
    let carried = Hints { published: Some("2024-03-05 08:30".to_owned()), ..Hints::default() };
    let date = with("", "", carried).published.unwrap();
    assert_eq!(
        (date.value.as_str(), date.source, date.precision),
        ("2024-03-05T08:30:00", DateSource::Envelope, Precision::Minute)
    );
}

#[test]
fn the_more_trusted_source_wins_and_a_change_is_no_publication() {
    let article = page(
        &data(r#"{"@type":"NewsArticle","datePublished":"2024-03-05","dateModified":"2024-03-07T10:00:00Z"}"#),
        "<h1>Council agrees on new bridge</h1><p>Updated: 7 March 2024</p>",
    );
    assert_eq!(article.published.unwrap().value, "2024-03-05");
    assert_eq!(article.modified.unwrap().value, "2024-03-07T10:00:00Z");
    let article = page("", "<h1>Council agrees on new bridge</h1><p>5 March 2024 | Updated 7 March 2024</p>");
    assert_eq!(article.published.unwrap().value, "2024-03-05");
    assert_eq!(article.modified.unwrap().value, "2024-03-07");
}

#[test]
fn a_date_beside_the_heading_comes_before_those_of_other_articles() {
    let article = page(
        "",
        "<p>Today is Sunday, 10 March 2024</p><h1>Council agrees on new bridge</h1><p>By Jane Doe</p><p>March 5, 2024</p>\
         <aside><time datetime='2024-03-09'>Another story</time></aside>",
    );
    assert_eq!(article.published.unwrap().value, "2024-03-05");
}

#[test]
fn the_publishers_own_day_is_kept_where_the_time_is_universal() {
    let head = "<meta property='article:published_time' content='2024-03-06T02:48:19Z'>";
    let date = page(head, "<h1>Council agrees on new bridge</h1><p>March 5, 2024 at 8:48 p.m.</p>").published.unwrap();
    assert_eq!((date.value.as_str(), date.day()), ("2024-03-06T02:48:19Z", "2024-03-05"));
    let offset = "<h1>Council agrees on new bridge</h1><time datetime='2024-03-05T20:48:19-06:00'>Tuesday</time>";
    let date = page(head, offset).published.unwrap();
    assert_eq!((date.value.as_str(), date.local_day.as_deref()), ("2024-03-05T20:48:19-06:00", None));
    // Two days away is no time zone.
    let far = page(head, "<h1>Council agrees on new bridge</h1><p>March 3, 2024</p>").published.unwrap();
    assert_eq!(far.day(), "2024-03-06");
}

#[test]
fn a_servers_word_for_a_change_counts_where_it_is_no_visits() {
    let served = |fetched_at_ms| Hints {
        served: Box::new(Served {
            last_modified: Some("Tue, 05 Mar 2024 08:30:00 GMT".to_owned()),
            ..Served::default()
        }),
        fetched_at_ms,
        ..Hints::default()
    };
    let date = with("", "", served(Some(1_710_000_000_000))).modified.unwrap();
    assert_eq!((date.value.as_str(), date.source), ("2024-03-05T08:30:00Z", DateSource::Header));
    assert_eq!(with("", "", served(Some(1_709_627_500_000))).modified, None);
    assert_eq!(with("", "", served(None)).modified, None);
}

#[test]
fn the_future_and_the_absurd_are_refused() {
    let head = "<meta property='article:published_time' content='2031-01-01T00:00:00Z'><meta name='date' content='2024-03-05'>";
    let visit = Hints { fetched_at_ms: Some(1_710_000_000_000), ..Hints::default() };
    assert_eq!(with(head, "", visit).published.unwrap().value, "2024-03-05");
    for absurd in ["0001-01-01T00:00:00Z", "2024-13-45", "1403/01/15", "tomorrow", "1970"] {
        let head = format!("<meta property='article:published_time' content='{absurd}'>");
        assert_eq!(page(&head, "").published, None, "{absurd}");
    }
}

#[test]
fn the_day_of_two_readings_is_that_of_the_pages_language() {
    let of = |lang: &str| {
        let html = format!(
            "<html lang='{lang}'><body><h1>Council agrees on new bridge</h1><p>Published: 04/05/2024</p>{TEXT}</body></html>"
        );
        let document = Document { content: Content::Html(html), hints: Hints::default() };
        EXTRACTOR.extract(&document).unwrap().article.published.map(|date| date.value)
    };
    assert_eq!(of("en-US").as_deref(), Some("2024-04-05"));
    assert_eq!(of("en-GB").as_deref(), Some("2024-05-04"));
    assert_eq!(of("fr").as_deref(), Some("2024-05-04"));
    assert_eq!(of("en"), None);
}

#[test]
fn of_several_articles_in_the_data_the_pages_own_is_taken() {
    let list = data(
        r#"[{"@type":"NewsArticle","headline":"Storm closes the harbour","author":{"name":"John Roe"},"datePublished":"2024-01-01"},
            {"@graph":[{"@type":"NewsArticle","headline":"Council agrees on new bridge","author":{"name":"Jane Doe"},"datePublished":"2024-03-05"}]}]"#,
    );
    let article = page(&list, "<h1>Council agrees on new bridge</h1>");
    assert_eq!((names(&article), article.published.as_ref().unwrap().day()), (vec!["Jane Doe"], "2024-03-05"));
    let addressed = data(&format!(
        r#"[{{"@type":"NewsArticle","headline":"Other words","url":"https://valleypost.example/news/other","author":"John Roe"}},
            {{"@type":"NewsArticle","headline":"Again other words","mainEntityOfPage":{{"@id":"{URL}?utm_source=feed"}},"author":"Jane Doe"}}]"#
    ));
    assert_eq!(names(&page(&addressed, "<h1>Council agrees on new bridge</h1>")), ["Jane Doe"]);
}

#[test]
fn broken_data_is_read_where_the_repair_is_harmless() {
    let broken = data(
        "{\"@type\":\"NewsArticle\",\"headline\":\"Council agrees\non new bridge\",\"author\":[{\"name\":\"Jane Doe\",},],}",
    );
    let article = page(&broken, "");
    assert_eq!(article.title.as_deref(), Some("Council agrees on new bridge"));
    assert_eq!(names(&article), ["Jane Doe"]);
}

#[test]
fn the_site_is_cut_from_a_title_and_dashes_within_it_stay() {
    for (written, title) in [
        ("Council agrees on new bridge - The Valley Post", "Council agrees on new bridge"),
        ("Council agrees on new bridge | Politics | The Valley Post", "Council agrees on new bridge"),
        (
            "The Valley Post: Council agrees on new bridge — and now?",
            "The Valley Post: Council agrees on new bridge — and now?",
        ),
        ("Paris - Rome - Madrid: three cities, one plan", "Paris - Rome - Madrid: three cities, one plan"),
        ("Bridge – and nobody knows who pays", "Bridge – and nobody knows who pays"),
    ] {
        let head = format!("<title>{written}</title><meta property='og:site_name' content='The Valley Post'>");
        let article = page(&head, "");
        assert_eq!((article.title.as_deref(), article.title_source), (Some(title), Some(FieldSource::PageTitle)));
    }
}

#[test]
fn the_headline_comes_before_a_title_that_is_worded_otherwise() {
    let article = page(
        "<title>Bridge news: everything you need to know 2024</title><meta property='og:title' content='Council agrees on new bridge'>",
        "<h1>Council agrees on new bridge</h1>",
    );
    assert_eq!(
        (article.title.as_deref(), article.title_source),
        (Some("Council agrees on new bridge"), Some(FieldSource::Heading))
    );
}

#[test]
fn the_address_tells_which_of_several_headings_is_the_title() {
    let headings = "<h1>Valley Post, the logo</h1><h1>Council agrees on new bridge at last</h1>";
    assert_eq!(page("", headings).title.as_deref(), Some("Council agrees on new bridge at last"));
    let elsewhere = Hints { url: Some("https://www.valleypost.example/4711".to_owned()), ..Hints::default() };
    assert_eq!(with("", headings, elsewhere).title.as_deref(), Some("Valley Post, the logo"), "it tells nothing");
}

#[test]
fn a_page_without_a_main_heading_may_have_its_title_in_the_next() {
    let headings =
        "<h2>Menu</h2><h2>Ferry timetable for the summer changes</h2><h2>Council agrees on new bridge at last</h2>";
    assert_eq!(page("", headings).title.as_deref(), Some("Council agrees on new bridge at last"));
    let named = "<title>The council agrees on a new bridge | Valley Post</title>";
    assert_eq!(page(named, headings).title.as_deref(), Some("Council agrees on new bridge at last"), "it is confirmed");
    let other = "<title>Bridges of the valley and what they cost</title>";
    assert_eq!(page(other, headings).title.as_deref(), Some("Bridges of the valley and what they cost"));
    assert_eq!(page("", "<h2>Menu</h2>").title, None);
}

#[test]
fn a_name_beside_the_date_is_the_author_where_no_element_has_a_name() {
    let body = |class: &str| {
        format!(
            "<h1{class}>Council agrees on new bridge</h1><div{class}>Ines Walther</div><div{class}>5 March 2024</div>"
        )
    };
    let bare = page("", &body(""));
    assert_eq!((names(&bare), bare.authors_source), (vec!["Ines Walther"], Some(FieldSource::Text)));
    assert!(names(&page("", &body(" class=\"x1\""))).is_empty(), "elsewhere markup would say so");
}

#[test]
fn authors_are_people_with_their_pages_and_nothing_else() {
    let article = page(
        &data(
            r#"{"@type":"NewsArticle","author":[{"@type":"Person","name":"Jane Doe","url":"https://valleypost.example/people/jane"},
                {"@type":"Organization","name":"Reuters"},{"name":"Staff"},{"name":"desk@valleypost.example"}]}"#,
        ),
        "",
    );
    assert_eq!(names(&article), ["Jane Doe"]);
    assert_eq!(article.authors[0].kind, AuthorKind::Person);
    assert_eq!(article.authors[0].url.as_deref(), Some("https://valleypost.example/people/jane"));
    assert_eq!(article.authors_source, Some(FieldSource::Jsonld));
}

#[test]
fn an_organisation_is_the_author_where_no_person_is_named() {
    let head = data(r#"{"@type":"NewsArticle","author":{"@type":"Organization","name":"The Valley Post"}}"#);
    let article = page(&head, "");
    assert_eq!((names(&article), article.authors[0].kind), (vec!["The Valley Post"], AuthorKind::Organisation));
    let article =
        page(&head, "<h1>Council agrees on new bridge</h1><p>By Jane Doe, Politics Reporter | March 5, 2024</p>");
    assert_eq!((names(&article), article.authors_source), (vec!["Jane Doe"], Some(FieldSource::Text)));
}

#[test]
fn bylines_are_read_where_they_stand_and_not_in_comments() {
    for (byline, expected) in [
        (
            "<p class='byline'>By <a href='/author/jane'>Jane Doe</a> and <a href='/author/john'>John Roe</a></p>",
            vec!["Jane Doe", "John Roe"],
        ),
        ("<address>Von Jan Müller<span>05.03.2024</span></address>", vec!["Jan Müller"]),
        ("<p>Texte : Marie Dupont</p>", vec!["Marie Dupont"]),
        (
            "<p><span itemprop='author' itemscope><span itemprop='name'>Ana Pérez</span> Redactora</span></p>",
            vec!["Ana Pérez"],
        ),
        ("<div class='comment-list'><p class='author'>Max Muster</p></div>", vec![]),
        ("<p class='author'>Staff</p>", vec![]),
    ] {
        let article = page("", &format!("<h1>Council agrees on new bridge</h1>{byline}"));
        assert_eq!(names(&article), expected, "{byline}");
    }
}

#[test]
fn who_reviewed_or_researched_an_article_is_no_author() {
    for byline in [
        "<p>By <a href='/author/jane'>Jane Doe, DVM</a>. Reviewed by <a href='/author/john'>John Roe, DVM</a></p>",
        "<div><a href='/authors/jane'>Jane Doe</a></div><p>Peer reviewed by</p><div><a href='/authors/john'>Dr John Roe</a></div>",
        "<div><span>By</span> <a href='/author/jane'>Jane Doe</a></div><div>Contributions From: <a href='/author/john'>John Roe</a></div>",
        "<div class='author-box'>Jane Doe Medically reviewed by John Roe, MD</div>",
    ] {
        let article = page("", &format!("<h1>Council agrees on new bridge</h1>{byline}"));
        assert_eq!(names(&article), ["Jane Doe"], "{byline}");
    }
    let article = page("", "<h1>Council agrees on new bridge</h1><p class='author'>Reviewed by <a>John Roe</a></p>");
    assert!(names(&article).is_empty(), "{:?}", names(&article));
}

#[test]
fn what_stands_beside_a_name_is_no_part_of_it_and_no_author() {
    for (byline, expected) in [
        // A job in an element of another kind, or named so.
        (
            "<div class='author-card'><div class='name'>Jane Doe</div><div class='post'>City Hall Desk</div></div>",
            vec!["Jane Doe"],
        ),
        ("<div><p class='authorName'>Jane Doe</p><p class='authorBio'>Rivers and Bridges</p></div>", vec!["Jane Doe"]),
        ("<ul class='authors'><li>Jane Doe</li><li>John Roe</li></ul>", vec!["Jane Doe", "John Roe"]),
        // A date, and what leads to it.
        ("<p class='byline'>Jane Doe Monday, March 4, 2024</p>", vec!["Jane Doe"]),
        ("<p class='byline'>Jeanne Dubois le 5 mars 2024</p>", vec!["Jeanne Dubois"]),
        ("<p>By Jane Doe, in <a>News</a>, <a>Business</a> &middot; March 4</p>", vec!["Jane Doe"]),
        // A section that is called as authors' pages are, a comment in a list, a label without a name.
        ("<p><a href='/people/'>People</a></p>", vec![]),
        ("<p>Picture: <a href='https://license.example/by/4.0/deed'>CC BY</a></p>", vec![]),
        ("<ul><li><span class='comment-author-link'>Max Muster</span> on <a>Bridges</a></li></ul>", vec![]),
        ("<p class='author'>Written by</p>", vec![]),
        ("<p class='author'>Full Bio</p>", vec![]),
    ] {
        let article = page("", &format!("<h1>Council agrees on new bridge</h1>{byline}"));
        assert_eq!(names(&article), expected, "{byline}");
    }
}

#[test]
fn bylines_stand_behind_a_date_or_below_their_label() {
    for (byline, expected) in [
        ("<p>posted on 2024-03-05 23:30 EST by Jane Mary Doe</p>", vec!["Jane Mary Doe"]),
        ("<p>05.03.2024, 13:30 Uhr von Jan Müller</p>", vec!["Jan Müller"]),
        ("<p>03/05/2024 by Jane Doe, Candidate of the Committee</p>", vec!["Jane Doe"]),
        ("<div><p>Written by</p><p>Jane Doe</p></div>", vec!["Jane Doe"]),
        ("<div><div>Von:</div><div>Jan Müller</div></div>", vec!["Jan Müller"]),
        // No date, no byline; and no name.
        ("<p>A picture of 12 bridges by Jane Doe</p>", vec![]),
        ("<p>In 2024 traffic grew by Half</p>", vec![]),
    ] {
        let article = page("", &format!("<h1>Council agrees on new bridge</h1>{byline}"));
        assert_eq!(names(&article), expected, "{byline}");
    }
}

#[test]
fn a_first_name_or_a_login_gives_way_to_the_full_name_of_the_same_person() {
    let byline = "<h1>Council agrees on new bridge</h1><p class='byline'>By Jane Doe</p>";
    for (stated, expected) in
        [("Jane", "Jane Doe"), ("jdoe", "Jane Doe"), ("officialjanedoe", "Jane Doe"), ("Ramona", "Ramona")]
    {
        let article = page(&data(&format!(r#"{{"@type":"NewsArticle","author":{{"name":"{stated}"}}}}"#)), byline);
        assert_eq!(names(&article), [expected], "{stated}");
    }
}

#[test]
fn libraries_put_the_surname_first() {
    let head =
        "<meta name='citation_author' content='Doe, Jane R.'><meta name='citation_author' content='van der Roe, John'>";
    assert_eq!(names(&page(head, "")), ["Jane R. Doe", "John van der Roe"]);
    assert_eq!(names(&page("<meta name='author' content='Jane Doe, John Roe'>", "")), ["Jane Doe", "John Roe"]);
    assert_eq!(names(&page("<meta name='dc.creator' content='Jane Doe, John Roe'>", "")), ["Jane Doe", "John Roe"]);
}

#[test]
fn a_time_that_was_never_set_is_no_date() {
    let head = data(r#"{"@type":"NewsArticle","datePublished":"1970-01-01T01:00:00+01:00"}"#);
    assert!(page(&head, "").published.is_none());
    let article = page(&head, "<h1>Council agrees on new bridge</h1><p><time datetime='2024-03-05'>March 5</time></p>");
    assert_eq!(article.published.map(|date| date.value).as_deref(), Some("2024-03-05"));
    let archived = data(r#"{"@type":"NewsArticle","datePublished":"1970-01-01"}"#);
    assert_eq!(page(&archived, "").published.map(|date| date.value).as_deref(), Some("1970-01-01"));
}

#[test]
fn rights_are_what_page_and_server_state() {
    let article = page(
        "<meta name='robots' content='index, noai, noarchive'><link rel='license' href='https://example.org/cc-by'>",
        "",
    );
    assert_eq!(article.rights.ai_training, Some(AiTraining::Reserved));
    assert_eq!(article.rights.license.as_deref(), Some("https://example.org/cc-by"));
    assert_eq!(article.rights.signals, ["meta:noai", "meta:noarchive"]);
    let said =
        Served { tdm_reservation: Some("0".to_owned()), robots: vec!["nosnippet".to_owned()], ..Served::default() };
    let served = Hints { served: Box::new(said), ..Hints::default() };
    let article = with("", "", served);
    assert_eq!(article.rights.ai_training, Some(AiTraining::Allowed));
    assert_eq!(article.rights.signals, ["header:nosnippet", "header:tdm-reservation=0"]);
    assert!(page("<meta name='robots' content='index, follow'>", "").rights.is_unknown());
}

#[test]
fn pictures_have_captions_credits_and_sizes() {
    let article = page(
        "<meta property='og:image' content='/i/bridge.jpg'><meta property='og:image:width' content='1200'><meta property='og:image:height' content='675'>",
        "<h1>Council agrees on new bridge</h1><figure><img src='/i/old.jpg' width='640' height='480'>\
         <figcaption>The old bridge in spring. Photo: Ann Example</figcaption></figure>",
    );
    let [main, second] = article.images.as_slice() else { panic!("{:?}", article.images) };
    assert_eq!(
        (main.url.as_str(), main.main, main.width_px),
        ("https://www.valleypost.example/i/bridge.jpg", true, Some(1200))
    );
    assert_eq!((second.caption.as_deref(), second.main), (Some("The old bridge in spring."), false));
    assert_eq!((second.credit.as_deref(), second.height_px), (Some("Photo: Ann Example"), Some(480)));
}

#[test]
fn form_access_levels_and_other_addresses_are_read() {
    let article = page(
        &format!(
            "{}<link rel='amphtml' href='/amp/bridge'><link rel='canonical' href='{URL}'>",
            data(
                r#"[{"@type":"LiveBlogPosting","headline":"Council","isAccessibleForFree":"False","dateline":"VALLEY (AP)"},
                    {"@type":"BreadcrumbList","itemListElement":[{"position":2,"name":"Politics"},{"position":1,"item":{"name":"News"}}]}]"#
            )
        ),
        "",
    );
    assert_eq!(article.kind, Some(ArticleKind::LiveBlog));
    assert_eq!(article.is_accessible_for_free, Some(false));
    assert_eq!(article.breadcrumbs, ["News", "Politics"]);
    assert_eq!(article.amp_url.as_deref(), Some("https://www.valleypost.example/amp/bridge"));
    assert_eq!(article.dateline.as_deref(), Some("VALLEY (AP)"));
}

#[test]
fn what_is_unknown_is_absent() {
    let article = page(
        "<title></title><meta name='author' content=''><meta property='og:title' content=' '><meta name='date' content='n/a'><meta name='keywords' content=', ,'>",
        "",
    );
    assert_eq!((article.title, article.title_source), (None, None));
    assert_eq!((article.authors.len(), article.authors_source), (0, None));
    assert_eq!((article.published, article.modified, article.section, article.description), (None, None, None, None));
    assert!(article.tags.is_empty() && article.images.is_empty() && article.breadcrumbs.is_empty());
}

fn plain(text: &str, hints: Hints) -> Article {
    EXTRACTOR.extract(&Document { content: Content::Plain(text.to_owned()), hints }).unwrap().article
}

const PROSE: &str = "The council met on Monday evening to decide about the new bridge over the river, which has been planned for years.\n\n\
    Members of all parties agreed that the old bridge cannot carry the traffic of the town any longer, and that work must begin.\n\n\
    The cost of the project is put at twelve million, most of which the county has promised to pay over the next decade.";

#[test]
fn what_the_server_said_of_a_plain_text_is_kept() {
    let served = Served {
        robots: vec!["otherbot: nosnippet".to_owned(), "noai, noarchive".to_owned()],
        tdm_policy: Some("https://valleypost.example/policy".to_owned()),
        last_modified: Some("Tue, 05 Mar 2024 08:30:00 GMT".to_owned()),
        ..Served::default()
    };
    let hints = Hints { served: Box::new(served), fetched_at_ms: Some(1_710_000_000_000), ..Hints::default() };
    let article = plain(PROSE, hints);
    assert_eq!(article.rights.ai_training, Some(AiTraining::Reserved));
    assert_eq!(article.rights.signals, ["header:noai", "header:noarchive"]);
    assert_eq!(article.rights.mining_policy.as_deref(), Some("https://valleypost.example/policy"));
    let modified = article.modified.unwrap();
    assert_eq!((modified.value.as_str(), modified.source), ("2024-03-05T08:30:00Z", DateSource::Header));
}

#[test]
fn a_day_of_change_in_place_of_publication_is_marked() {
    let article = page("", "<h1>Council agrees on new bridge</h1><p>Updated: 7 March 2024</p>");
    let published = article.published.unwrap();
    assert_eq!((published.value.as_str(), published.source), ("2024-03-07", DateSource::Change));
    assert_eq!(article.modified.unwrap().source, DateSource::Text);
    // A name that means this and that, later than a change that is shown.
    let article = page(
        "<meta name='date' content='2024-03-09'>",
        "<h1>Council agrees on new bridge</h1><p>Last updated 7 March 2024</p>",
    );
    assert_eq!(article.published.unwrap().source, DateSource::Change);
}

#[test]
fn the_future_is_refused_by_the_time_of_delivery_and_in_plain_text_too() {
    let head = "<meta property='article:published_time' content='2031-01-01T00:00:00Z'><meta name='date' content='2024-03-05'>";
    let seen = Hints { delivered_at_ms: Some(1_710_000_000_000), ..Hints::default() };
    assert_eq!(with(head, "", seen.clone()).published.unwrap().value, "2024-03-05");
    let text = |date: &str| format!("Council agrees on new bridge\n\nPublished: {date}\n\n{PROSE}");
    let future = plain(&text("1 January 2031"), seen.clone());
    assert_eq!(future.published, None);
    assert!(!future.body.contains("2031"), "{}", future.body);
    assert_eq!(plain(&text("5 March 2024"), seen).published.unwrap().value, "2024-03-05");
    let carried = Hints {
        published: Some("2031-01-01".to_owned()),
        url: Some("https://valleypost.example/2031/01/01/bridge".to_owned()),
        fetched_at_ms: Some(1_710_000_000_000),
        ..Hints::default()
    };
    assert_eq!(plain(PROSE, carried).published, None);
}

#[test]
fn a_plain_texts_day_of_two_readings_is_that_of_its_language_and_host() {
    let of = |language: Option<&str>, url: Option<&str>| {
        let hints = Hints { language: language.map(str::to_owned), url: url.map(str::to_owned), ..Hints::default() };
        let text = format!("Council agrees on new bridge\n\nPublished: 4/5/2024\n\n{PROSE}");
        plain(&text, hints).published.map(|date| date.value)
    };
    assert_eq!(of(Some("en-US"), None).as_deref(), Some("2024-04-05"));
    assert_eq!(of(Some("fr"), None).as_deref(), Some("2024-05-04"));
    assert_eq!(of(None, Some("https://valleypost.co.uk/bridge")).as_deref(), Some("2024-05-04"));
    assert_eq!(of(None, None), None);
}

#[test]
fn lesser_vocabularies_are_read_where_the_greater_say_nothing() {
    type Read = fn(&Article) -> Option<String>;
    let title: Read = |article| article.title.clone();
    let section: Read = |article| article.section.clone();
    let publisher: Read = |article| article.site_name.clone();
    let description: Read = |article| article.description.clone();
    let tags: Read = |article| Some(article.tags.join("|")).filter(|tags| !tags.is_empty());
    let image: Read = |article| Some(article.images.first()?.url.clone());
    let date: Read = |article| Some(article.published.as_ref()?.value.clone());
    let thing = |inner: &str| format!("<div itemscope itemtype='https://schema.org/NewsArticle'>{inner}</div>");
    let headed = |inner: &str| thing(&format!("<p itemprop='headline'>Council agrees on new bridge</p>{inner}"));
    let cases: [(&str, String, Read, &str); 22] = [
        ("<meta name='parsely-title' content='Council agrees'>", String::new(), title, "Council agrees"),
        ("<meta name='sailthru.title' content='Council agrees'>", String::new(), title, "Council agrees"),
        ("<meta name='DC.title' content='Council agrees'>", String::new(), title, "Council agrees"),
        ("<meta property='http://ogp.me/ns#title' content='Council agrees'>", String::new(), title, "Council agrees"),
        ("", headed(""), title, "Council agrees on new bridge"),
        ("", "<div typeof='schema:NewsArticle'><p property='schema:headline'>Council agrees</p></div>".to_owned(), title, "Council agrees"),
        ("<meta name='parsely-section' content='Town'>", String::new(), section, "Town"),
        ("", headed("<span itemprop='articleSection'>Town</span>"), section, "Town"),
        ("<meta name='dc.publisher' content='The Valley Post'>", String::new(), publisher, "The Valley Post"),
        ("", headed("<div itemprop='publisher' itemscope><span itemprop='name'>The Valley Post</span></div>"), publisher, "The Valley Post"),
        ("<meta name='dc.description' content='A bridge.'>", String::new(), description, "A bridge."),
        ("", headed("<p itemprop='description'>A bridge.</p>"), description, "A bridge."),
        ("<meta name='parsely-tags' content='bridge, river'>", String::new(), tags, "bridge|river"),
        ("<meta name='sailthru.tags' content='bridge, river'>", String::new(), tags, "bridge|river"),
        ("<meta name='dc.subject' content='bridge'><meta name='dc.subject' content='river'>", String::new(), tags, "bridge|river"),
        ("<meta name='dcterms.subject' content='bridge; river'>", String::new(), tags, "bridge|river"),
        ("", headed("<span itemprop='keywords'>bridge, river</span>"), tags, "bridge|river"),
        ("<meta name='parsely-image-url' content='/b.jpg'>", String::new(), image, "https://www.valleypost.example/b.jpg"),
        ("", headed("<img itemprop='image' src='/b.jpg'>"), image, "https://www.valleypost.example/b.jpg"),
        ("", "<h1>Council agrees on new bridge</h1><span property='http://schema.org/datePublished' content='2024-03-05'>x</span>".to_owned(), date, "2024-03-05"),
        ("<meta property='http://purl.org/dc/terms/issued' content='2024-03-05'>", String::new(), date, "2024-03-05"),
        ("<meta property='schema:datePublished' content='2024-03-05'>", String::new(), date, "2024-03-05"),
    ];
    for (head, body, read, expected) in cases {
        assert_eq!(read(&page(head, &body)).as_deref(), Some(expected), "{head}{body}");
    }
    // The greater are believed before them, and what other articles are marked as is not this one's.
    let both =
        "<meta property='og:title' content='Council agrees on new bridge'><meta name='dc.title' content='Record 4711'>";
    assert_eq!(page(both, "").title.as_deref(), Some("Council agrees on new bridge"));
    let others = ["Storm closes the harbour", "Mayor resigns over budget"].map(|headline| {
        thing(&format!("<h3 itemprop='headline'>{headline}</h3><span itemprop='articleSection'>Elsewhere</span>"))
    });
    let article = page("", &format!("<h1>Council agrees on new bridge</h1>{}", others.concat()));
    assert_eq!((article.title.as_deref(), article.section), (Some("Council agrees on new bridge"), None));
}

#[test]
fn what_the_envelope_says_comes_last_of_a_page_and_first_of_a_text() {
    let hints = || Hints {
        url: Some(URL.to_owned()),
        extracted: Box::new(Extracted {
            authors: vec!["By Jane Doe and Tim Roe".to_owned(), "admin".to_owned()],
            tags: vec!["#bridge, Jane Doe, river".to_owned()],
            section: Some(" Town ".to_owned()),
            description: Some("Work may begin.".to_owned()),
            modified: Some("2024-03-06".to_owned()),
        }),
        ..Hints::default()
    };
    let said = |article: &Article| {
        let modified = article.modified.as_ref().map(|date| (date.day().to_owned(), date.source));
        (article.section.clone(), article.description.clone(), modified, article.tags.clone())
    };
    let by_envelope = (
        Some("Town".to_owned()),
        Some("Work may begin.".to_owned()),
        Some(("2024-03-06".to_owned(), DateSource::Envelope)),
        vec!["bridge".to_owned(), "river".to_owned()],
    );
    let bare = with("", "<h1>Council agrees on new bridge</h1>", hints());
    assert_eq!((names(&bare), bare.authors_source), (vec!["Jane Doe", "Tim Roe"], Some(FieldSource::Envelope)));
    assert_eq!(said(&bare), by_envelope);

    let text = TEXT.replace("<p>", "").replace("</p>", "\n\n");
    let plain = |text: String, hints: Hints| {
        EXTRACTOR.extract(&Document { content: Content::Plain(text), hints }).unwrap().article
    };
    let below = format!(
        "Council agrees on new bridge\n\nBy Ann Example\n\nUpdated: March 7, 2024\n\n{text}Tags: council, county"
    );
    let article = plain(below.clone(), hints());
    assert_eq!((names(&article), article.authors_source), (vec!["Jane Doe", "Tim Roe"], Some(FieldSource::Envelope)));
    assert_eq!(said(&article), by_envelope);
    let alone = plain(
        below,
        Hints {
            extracted: Box::new(Extracted { authors: vec!["admin".to_owned()], ..Extracted::default() }),
            ..Hints::default()
        },
    );
    assert_eq!((names(&alone), alone.authors_source), (vec!["Ann Example"], Some(FieldSource::Text)));
    assert_eq!(alone.tags, ["council", "county"]);

    let own = data(
        r#"{"@type":"NewsArticle","author":{"name":"Ann Example"},"keywords":["council","county"],"articleSection":"Politics",
        "description":"A bridge.","dateModified":"2024-03-07"}"#,
    );
    let page = with(&own, "<h1>Council agrees on new bridge</h1>", hints());
    assert_eq!((names(&page), page.authors_source), (vec!["Ann Example"], Some(FieldSource::Jsonld)));
    let by_page = (
        Some("Politics".to_owned()),
        Some("A bridge.".to_owned()),
        Some(("2024-03-07".to_owned(), DateSource::Jsonld)),
        vec!["council".to_owned(), "county".to_owned()],
    );
    assert_eq!(said(&page), by_page);
}

#[test]
fn lists_of_links_that_are_called_tags_are_the_tags_where_the_text_mentions_them() {
    let heading = "<h1>Council agrees on new bridge</h1>";
    let list = |around: &str, each: &str, names: &[&str]| {
        let links: Vec<String> = names.iter().map(|name| format!("<li{each}><a href='/t/x'>{name}</a></li>")).collect();
        format!("<div {around}><ul>{}</ul></div>", links.concat())
    };
    let own = ["Bridge", "River", "Town council"];
    for (around, each) in [
        ("class='post-tags'", ""),
        ("class='article__tagList'", ""),
        ("id='schlagworte'", ""),
        ("", " class='btn--tag'"),
        ("class='box'", " class='topic-link'"),
    ] {
        assert_eq!(page("", &format!("{heading}{}", list(around, each, &own))).tags, own, "{around} {each}");
    }
    let by_rel = "<p><a rel='tag' href='/t/1'>Bridge</a>, <a rel='tag' href='/t/2'>River</a>, <a rel='category tag' href='/n'>News</a></p>";
    assert_eq!(page("", &format!("{heading}{by_rel}")).tags, ["Bridge", "River"]);
    // What is read most, what stands above the heading, teasers, indexes, the names of a post's classes.
    let tagged = "class='tags'";
    let most_read = list(tagged, "", &["Football", "Weather", "Lottery"]);
    let teasers = list(tagged, "", &["Bridge over the river was closed for the winter", "River rises"]);
    let index = list(tagged, "", &["Bridge"; 31]);
    let post = "<div class='post tag-bridge'><p>The <a href='/b'>bridge</a> and the <a href='/r'>river</a>.</p></div>";
    for other in [&most_read, &teasers, &index, post] {
        assert_eq!(page("", &format!("{heading}{other}")).tags, [""; 0], "{other}");
    }
    assert_eq!(page("", &format!("{}{heading}", list(tagged, "", &own))).tags, [""; 0]);
    // Keywords that are the same on all pages of a site give way; those of the article stay.
    let site = "<meta name='keywords' content='news, sport, weather'>";
    let known = "<meta name='keywords' content='bridge, budget'>";
    let below = format!("{heading}{}", list(tagged, "", &own));
    assert_eq!(
        (page(site, &below).tags, page(site, heading).tags),
        (own.map(str::to_owned).to_vec(), vec!["news".to_owned(), "sport".to_owned(), "weather".to_owned()])
    );
    assert_eq!(page(known, &below).tags, ["bridge", "budget"]);
}

#[test]
fn a_marked_byline_is_named_so_and_its_link_is_the_authors() {
    let article = page(
        "",
        "<h1>Council agrees on new bridge</h1><p>By <a itemprop='author' href='/people/jane'>Jane Doe</a></p>",
    );
    assert_eq!((names(&article), article.authors_source), (vec!["Jane Doe"], Some(FieldSource::Microdata)));
    assert_eq!(article.authors[0].url.as_deref(), Some("https://www.valleypost.example/people/jane"));
    let article = page(
        "",
        "<h1>Council agrees on new bridge</h1><p class='byline'>By <a href='../a/ann'>Ann Example</a> and <a href='https://social.example/john'>John Roe</a></p>",
    );
    assert_eq!(article.authors_source, Some(FieldSource::Text));
    let urls: Vec<Option<&str>> = article.authors.iter().map(|author| author.url.as_deref()).collect();
    assert_eq!(urls, [Some("https://www.valleypost.example/a/ann"), None]);
    let relative = data(
        r##"{"@type":"NewsArticle","author":[{"name":"Jane Doe","url":"/people/jane"},{"name":"John Roe","url":"#john"}]}"##,
    );
    let article = page(&relative, "");
    let urls: Vec<Option<&str>> = article.authors.iter().map(|author| author.url.as_deref()).collect();
    assert_eq!(urls, [Some("https://www.valleypost.example/people/jane"), None]);
}

#[test]
fn a_dateline_at_the_head_of_the_text_is_read_and_stays_in_it() {
    let opening = "VALLEY (Reuters) - The council met on Monday to decide about the new bridge over the river.";
    let article = page("", &format!("<h1>Council agrees on new bridge</h1><p>{opening}</p>"));
    assert_eq!(article.dateline.as_deref(), Some("VALLEY (Reuters)"));
    assert!(article.body.starts_with(opening), "{}", article.body);
    assert_eq!(page("", "<h1>Council agrees on new bridge</h1>").dateline, None);
}

#[test]
fn the_form_is_what_the_page_states() {
    let typed = |name: &str| data(&format!(r#"{{"@type":"{name}","headline":"Council agrees on new bridge"}}"#));
    for (head, kind) in [
        (typed("OpinionNewsArticle"), Some(ArticleKind::Opinion)),
        (typed("NewsArticle") + "<meta property='article:opinion' content='true'>", Some(ArticleKind::Opinion)),
        (typed("ImageGallery"), Some(ArticleKind::Gallery)),
        (typed("MediaGallery"), Some(ArticleKind::Gallery)),
        (typed("VideoObject"), Some(ArticleKind::Video)),
        ("<meta property='og:type' content='video.other'>".to_owned(), Some(ArticleKind::Video)),
        (typed("CollectionPage"), Some(ArticleKind::Listing)),
        ("<meta property='og:type' content='article'>".to_owned(), Some(ArticleKind::Article)),
        ("<meta property='og:type' content='website'>".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(page(&head, "").kind, kind, "{head}");
    }
}
