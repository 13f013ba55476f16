//! From the bytes of a page or a text, or from a field that holds one, to decoded content.

use std::borrow::Cow;

use serde_json::Map;

use super::{Opening, Read};
use crate::document::Content;
use crate::payload::carrier::Carrier;
use crate::payload::fields::Role;
use crate::payload::{charset, encoded, head, json, markdown, markup, repair, sniff};
use crate::rejection::Rejection;

impl Opening<'_> {
    /// The content of a field.
    pub(super) fn field(
        &mut self,
        role: Role,
        written: Cow<'_, str>,
        carrier: &Carrier,
        is_base64: bool,
    ) -> Result<Read, Rejection> {
        let limit = self.limits.decoded_bytes;
        let bytes = if is_base64 || matches!(role, Role::PageBase64 | Role::Base64) {
            self.why.push("base64 declared".into());
            Some(encoded::base64(&written, limit)?)
        } else {
            let bytes = encoded::undeclared_base64(&written, limit);
            if bytes.is_some() {
                self.why.push("base64 by its letters".into());
            }
            bytes
        };
        if let Some(bytes) = bytes {
            let bytes = self.decompressed(&bytes, carrier)?;
            let said = carrier.content_type.as_deref().unwrap_or_default();
            let is_page = matches!(role, Role::Page | Role::PageBase64) && sniff::media_type(said).is_empty();
            let content_type = if is_page { format!("text/html{said}") } else { said.to_owned() };
            return self.text(&bytes, Some(&content_type));
        }
        let media_type = carrier.content_type.as_deref().map(sniff::media_type);
        let is_markdown_type = media_type.as_deref().is_some_and(sniff::is_markdown_type);
        let (text, was_escaped) = match role {
            Role::Page | Role::Either => encoded::unescaped(written),
            Role::Text | Role::Markdown | Role::PageBase64 | Role::Base64 => (written, false),
        };
        if was_escaped {
            self.why.push("markup unescaped".into());
        }
        let is_markdown = role == Role::Markdown || (role == Role::Either && is_markdown_type);
        let is_page = match role {
            Role::Page => true,
            Role::Either => is_markup(&text),
            Role::Text => sniff::is_document(text.as_bytes()),
            Role::Markdown | Role::PageBase64 | Role::Base64 => false,
        };
        let is_fragment = matches!(role, Role::Text | Role::Either) && !is_page && markup::is_fragment(&text);
        if is_fragment {
            self.why.push("fragment of a page by its tags".into());
        }
        let is_page = is_page || is_fragment;
        if role == Role::Either && json::is_object(&text) {
            return Err(Rejection::NoContentField);
        }
        self.read(text, "UTF-8", is_page, is_markdown)
    }

    /// Bytes of a page or a text.
    pub(super) fn text(&mut self, bytes: &[u8], content_type: Option<&str>) -> Result<Read, Rejection> {
        if let Some(rejection) = sniff::foreign_media(bytes) {
            return Err(rejection);
        }
        let media_type = content_type.map(sniff::media_type);
        let media_type = media_type.as_deref().unwrap_or_default();
        let decoded = charset::decode(bytes, content_type, self.limits.decoded_bytes);
        // Servers send pages as text/plain, or as anything, often enough that markup has the last word.
        let is_page_type = sniff::is_page_type(media_type);
        let is_markup = decoded.as_ref().is_ok_and(|decoded| match is_page_type {
            true => sniff::is_html(decoded.text.as_bytes()),
            false => is_markup(&decoded.text),
        });
        if let Some(rejection) = sniff::foreign_media_type(media_type).filter(|_| !is_markup) {
            return Err(rejection);
        }
        let decoded = decoded?;
        self.why.push(format!("charset by {}", decoded.by).into());
        let is_markdown = sniff::is_markdown_type(media_type);
        let is_page = is_page_type || is_markup;
        let is_fragment = !is_page && !is_markdown && markup::is_fragment(&decoded.text);
        if !is_page && sniff::is_crawl_log_line(&decoded.text) {
            return Err(Rejection::CrawlLog);
        }
        self.why.push(match () {
            () if is_markdown => "Markdown by content type".into(),
            () if is_markup => "page by its tags".into(),
            () if is_page => "page by content type".into(),
            () if is_fragment => "fragment of a page by its tags".into(),
            () => "text without tags".into(),
        });
        self.read(decoded.text, decoded.charset, is_page || is_fragment, is_markdown)
    }

    fn read(
        &mut self,
        text: Cow<'_, str>,
        charset: &'static str,
        is_page: bool,
        is_markdown: bool,
    ) -> Result<Read, Rejection> {
        let limit = self.limits.decoded_bytes;
        if text.len() > limit {
            return Err(Rejection::TooLargeDecoded { limit });
        }
        let mut text = self.repaired(text, is_page);
        let head = (!is_page).then(|| head::take(&mut text)).flatten();
        self.why.extend(head.as_ref().map(|head| head.of.into()));
        let fits = text.len() <= markdown::most(limit);
        let is_markdown = is_markdown || (fits && head.as_ref().is_some_and(|head| head.is_markdown));
        let fields = head.map(|head| head.fields).unwrap_or_default();
        let content = match () {
            () if text.trim().is_empty() => return Err(Rejection::Empty),
            () if is_markdown => Content::Html(markdown::render(&text, limit)?),
            () if is_page => Content::Html(text.into_owned()),
            () => return Ok(Read { fields, ..self.plain(text, charset)? }),
        };
        Ok(Read { content, charset, is_markdown, fields })
    }

    /// The content as it was before programs on the way misread it.
    fn repaired<'t>(&mut self, text: Cow<'t, str>, is_page: bool) -> Cow<'t, str> {
        let mut text = text;
        if let Some(plain) = repair::without_escapes(&text, is_page) {
            self.why.push("escapes that were written out, read".into());
            text = Cow::Owned(plain);
        }
        if let Some(plain) = repair::without_mojibake(&text) {
            self.why.push("UTF-8 that was read as windows-1252, read again".into());
            text = Cow::Owned(plain);
        }
        text
    }

    /// A text, which may be Markdown, or have tags that strayed into it.
    fn plain(&mut self, text: Cow<'_, str>, charset: &'static str) -> Result<Read, Rejection> {
        if text.len() <= markdown::most(self.limits.decoded_bytes) && markup::is_markdown(&text) {
            self.why.push("Markdown by its signs".into());
            let content = Content::Html(markdown::render(&text, self.limits.decoded_bytes)?);
            return Ok(Read { content, charset, is_markdown: true, fields: Map::new() });
        }
        let cleaned = markup::without_stray_tags(&text);
        if cleaned.is_some() {
            self.why.push("stray tags taken out".into());
        }
        let content = Content::Plain(cleaned.unwrap_or_else(|| text.into_owned()));
        Ok(Read { content, charset, is_markdown: false, fields: Map::new() })
    }
}

/// Whether content of no declared kind is a page, whole or in part.
fn is_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    sniff::is_document(bytes) || (sniff::is_html(bytes) && !markup::is_text_with_tags(text))
}
