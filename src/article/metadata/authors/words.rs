//! Words by which a byline is taken apart: one list a constant, its words separated by commas.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A list of words, in lower case.
pub(super) struct Words(LazyLock<HashSet<&'static str>>);

impl Words {
    const fn new(parse: fn() -> HashSet<&'static str>) -> Self {
        Self(LazyLock::new(parse))
    }

    pub(super) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $list:literal;)*) => {
        $($(#[$doc])* pub(super) static $name: Words = Words::new(|| $list.split(',').map(str::trim).collect());)*
    };
}

words! {
    /// What may open a byline, each followed by a space or a colon.
    OPENINGS = "by, words by, written by, story by, posted by, published by, report by, reported by, reporting by, \
        text by, text and photos by, words and photos by, story and photos by, text und fotos von, text und foto von, \
        texte et photos, texto y fotos, testo e foto, von, ein beitrag von, ein artikel von, verfasst von, geschrieben von, erstellt von, \
        eingestellt von, gepostet von, veröffentlicht von, gespeichert von, aufgezeichnet von, par, écrit \
        par, rédigé par, publié par, propos recueillis par, por, escrito por, publicado por, di, scritto da, \
        pubblicato da, a cura di, door, geschreven door, av, skrevet av, text av, af, skrevet af, przez, \
        автор, авторы, od, piše, napsal, írta, szerző, de, yazan, haber, autor, autorin, autora, autore, \
        auteur, author, author of the article, authors, text, texte, 文, 作者";

    /// The same in further languages. Some begin sentences too, so a name or two is all that may follow without a colon.
    FURTHER_OPENINGS = "بقلم, كتب, كتبت, كتبه, به قلم, نویسنده, نوشته, تحریر, מאת, tác giả, oleh, penulis, ditulis oleh, โดย, \
        เรื่องโดย, συντάκτης, συντάκτρια, γράφει ο, γράφει η, γράφει, scris de, autoarea, napísal, napísala, napisao, \
        napisala, текст, аўтар, kirjoittanut, kirjoittaja, teksti, autorius, parengė, autors, egilea, \
        höfundur, հեղինակ, ავტორი, müəllif, लेखक, লেখক, எழுதியவர், 筆者, 執筆, 取材・文, 撰文, 글, imeandikwa na, \
        isinulat ni, автор текста";

    /// Words that join two names.
    JOINTS = "and, und, et, y, e, og, och, en, &, with, ja, sowie, и, і, та, και, ve, és, și, dan, mit";

    /// Words that name no author: alone they stand for one that is not known.
    NOBODY = "staff, admin, administrator, editor, editors, editorial, redaktion, redaktionen, redaktor, \
        redacción, redaccion, redação, redacao, redazione, rédaction, redaction, redactie, redakcja, \
        redakce, редакция, редакція, toimitus, newsroom, desk, team, author, autor, guest, guests, unknown, \
        anonymous, webmaster, online, news, agencies, agency, wire, wires, report, reports, reporter, \
        reporters, sponsored, advertorial, press, release, contributor, contributors, user, writer, writers, \
        correspondent, web, the, la, die, der, our, by, post, site, content, nachrichten, noticias, notizie, nieuws, wiadomości, новости, 文章, 阅读, 总阅读, 粉丝";

    /// Words of jobs: a part of a byline with one of them is no name, and neither is what follows the name after one.
    JOBS = "editor, reporter, correspondent, writer, columnist, journalist, contributor, producer, author, \
        staff, attorney, professor, director, chief, head, senior, analyst, fellow, researcher, \
        photographer, redakteur, redakteurin, korrespondent, korrespondentin, volontär, volontärin, autor, \
        autorin, projektleiterin, projektleiter, chefredakteur, ressortleiter, leiter, leiterin, \
        journaliste, correspondant, correspondante, rédacteur, rédactrice, envoyé, redactor, redactora, \
        periodista, corresponsal, giornalista, redattore, inviato, redacteur, verslaggever, dziennikarz, \
        журналист, корреспондент, обозреватель, journalistin, reporterin, politikredakteur, geschäftsführer, \
        freelance, reviewer, engineer, manager, specialist, coordinator, founder, co-founder, cofounder, marketer, \
        strategist, consultant, designer, developer, ceo, cto, president, officer, intern, educator, expert, blogger, \
        coach, trainer, nutritionist, dietitian, physician, therapist, lecturer, economist, scientist, gründer, gründerin, \
        redaktor, redaktorin, ingenieur, ingenieurin, experte, expertin, rédaction, fondateur, fondatrice, fundador, \
        fundadora, fondatore, fondatrice";

    /// Words after which a byline goes on about something else.
    NOISE = "profile, profil, view, show, see, more, mehr, all, alle, afficher, articles, artikel, article, \
        articolo, artículos, posts, beiträge, kommentare, comments, comment, theme, bio, icon, links, playlist, courtesy, foto, fotos, photo, \
        photos, bild, bilder, image, quelle, source, shares, share, follow, folgen, updated, published, \
        aktualisiert, veröffentlicht, stand, read, min, minutes, subscribe, about, über, contact, email, \
        e-mail, mail, twitter, facebook, copyright, pressemitteilung, interview, illustration, video, \
        grafik, zeige, lesezeit, zuletzt, geändert, bearbeiten, themen, skrifar, hace";

    /// What others than the author do to an article, in the form that stands before who did it.
    ROLES = "reviewed, checked, fact-checked, edited, researched, verified, approved, translated, illustrated, photographed, \
        narrated, contributions, material, photos, photo, photographs, photography, illustration, illustrations, artwork, video, \
        geprüft, überprüft, redigiert, lektoriert, übersetzt, illustriert, fotografiert, fotos, foto, bilder, illustrationen, \
        relu, vérifié, révisé, traduit, illustré, photographies, revisado, verificado, traducido, ilustrado, fotografías, \
        revisto, traduzido, ilustrações, revisionato, verificato, tradotto, gecontroleerd, beoordeeld, vertaald, \
        zweryfikował, przełożył";

    /// What stands between such a word and a name.
    PREPOSITIONS = "by, from, von, par, por, de, da, di, door";

    /// How an article was reviewed or checked.
    MANNERS = "medically, peer, fact, expert, clinically, scientifically, technically, legally, independently, additional, \
        fachlich, medizinisch, wissenschaftlich, médicalement, médicamente, scientificamente, medisch";

    /// Words that join a name to a day, a place or an employer.
    JOINED = "am, on, in, from, for, at, aus, à, en, vor, um, vom, il, el";

    /// Short names of months, which begin a date after a name.
    MONTHS = "jan, feb, mar, apr, jun, jul, aug, sep, sept, oct, okt, nov, dec, dez, january, february, september, \
        october, november, december";

    /// Agencies that sign with their whole name.
    AGENCIES = "associated press, agence france-presse, agence france presse, deutsche presse-agentur, press \
        association, canadian press, pa media, australian associated press, press trust of india, financial \
        times, usa today, thomson reuters";

    /// Who speaks in a comment.
    SPEAKS = "says, said, sagt, schreibt, dit, dice";

    /// Words of names that people do not have.
    ORGANISATIONS = "news, media, press, times, post, herald, tribune, journal, gazette, magazine, magazin, daily, \
        weekly, network, agency, agencia, agence, agentur, ajansı, zeitung, nachrichten, tageblatt, \
        anzeiger, kurier, presse, redaktion, redazione, redacción, rédaction, newsroom, team, staff, \
        stiftung, foundation, verband, verein, bund, institut, institute, university, universität, gmbh, ag, \
        se, inc, ltd, llc, corp, company, group, gruppe, verlag, publishing, studio, radio, tv, fernsehen, \
        rundfunk, broadcasting, association, ministerium, ministry, department, committee, online, noticias, \
        notizie, diario, periódico";
}
