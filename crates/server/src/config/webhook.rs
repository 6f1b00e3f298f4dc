//! Settings of the webhook for attention items.

use std::fmt;
use std::str::FromStr;

use super::Token;

/// Webhook that is told of attention items.
#[derive(Clone, Debug)]
pub struct AttentionWebhook {
    /// Address to send to.
    pub url: WebhookUrl,
    /// Key of the signature; without one, requests are not signed.
    pub secret: Option<Token>,
    /// True to send even while a person has a page open that shows the item.
    pub always: bool,
}

/// Address of a webhook. Only its origin is printed: the path is often a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(reqwest::Url);

impl WebhookUrl {
    /// Returns the address, to be sent to.
    pub fn reveal(&self) -> &reqwest::Url {
        &self.0
    }
}

impl FromStr for WebhookUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = reqwest::Url::parse(text)
            .map_err(|error| format!("the webhook needs a full address, as https://..: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("the address of a webhook must begin with http:// or https://".to_owned());
        }
        Ok(Self(url))
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WebhookUrl({self}/..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_checked_and_its_path_is_not_printed() {
        let url: WebhookUrl = "https://user:pw@hooks.example:8443/T0/SECRET?key=SECRET"
            .parse()
            .unwrap();
        assert_eq!(url.to_string(), "https://hooks.example:8443");
        assert!(!format!("{url:?}").contains("SECRET"));
        for wrong in ["hooks.example", "/path", "ftp://hooks.example", "https://"] {
            assert!(wrong.parse::<WebhookUrl>().is_err(), "{wrong}");
        }
    }
}
