//! What a page says about its article: dates, title, authors, section, tags, links.

pub(crate) mod authors;
pub(crate) mod dates;
pub(crate) mod title;
