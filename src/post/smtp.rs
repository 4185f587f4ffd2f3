//! One letter to one server, step by step (RFC 5321), so that it is always known
//! whether the text had left: only then may nobody try again (`Uncertain`).
//!
//! TLS from the first byte (RFC 8314) or by STARTTLS (RFC 3207), never less but
//! for a server on this machine; the certificate always counts. What a server
//! says is kept for people and never logged: it may name whom a letter is for.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use serde::{Deserialize, Serialize};

use crate::contact::Email;
use crate::post::answer::{Answer, Said, Why, judged, later, words_of};
use crate::web::reach::{Place, place};

/// How the way to the server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Tls {
    /// From the first byte; usually port 465.
    Implicit,
    /// Begun in the clear and required; usually port 587.
    Starttls,
    /// Not at all: a server on this machine.
    None,
}

impl Tls {
    pub const ALL: [Self; 3] = [Self::Implicit, Self::Starttls, Self::None];

    pub fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }
}

/// A server that takes letters. No `Debug`: the password stays out of logs.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// Empty where it asks nobody who they are.
    pub username: String,
    pub password: String,
    /// PEM; None: the authorities of the system.
    pub ca: Option<String>,
    /// How this machine calls itself: the domain of the sender.
    pub hello: String,
}

/// How long the server may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To be reached, and to answer each command.
    pub command: Duration,
    /// To say whether it took the text (RFC 5321 4.5.3.2.6 would wait ten
    /// minutes; a worker has other letters).
    pub text: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { command: Duration::from_secs(20), text: Duration::from_mins(2) }
    }
}

impl Server {
    /// Hands one letter over for one recipient.
    pub async fn carry(
        &self,
        patience: Patience,
        (from, to): (&Email, &Email),
        text: &[u8],
    ) -> Said {
        let mut line = match self.connect(patience).await {
            Ok(line) => line,
            Err(said) => return said,
        };
        let said = hand_over(&mut line, patience, (from, to), text).await;
        // Whatever it says to a good-bye changes nothing.
        let _ =
            tokio::time::timeout(patience.command.min(Duration::from_secs(2)), line.quit()).await;
        said
    }

    /// Sees whether letters would be taken, without sending one.
    pub async fn health(&self, patience: Patience) -> Said {
        match self.connect(patience).await {
            Ok(mut line) => {
                let noop = command(&mut line, patience, Noop, Why::Unwelcome).await;
                let _ = tokio::time::timeout(Duration::from_secs(2), line.quit()).await;
                match noop {
                    Ok((_, words)) => Said { answer: Answer::Accepted, words },
                    Err(said) => said,
                }
            }
            Err(said) => said,
        }
    }

    /// To where it is ready to take a letter.
    async fn connect(&self, patience: Patience) -> Result<AsyncSmtpConnection, Said> {
        let addresses = self.addresses().await?;
        let tls = match self.tls {
            Tls::None => None,
            Tls::Implicit | Tls::Starttls => Some(self.trust()?),
        };
        let hello = ClientId::Domain(self.hello.clone());
        let at_once = tls.clone().filter(|_| self.tls == Tls::Implicit);
        let wait = Some(patience.command);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(&addresses[..], wait, &hello, at_once, None);
        let connected = tokio::time::timeout(patience.command * 2, connecting).await;
        let mut line = connected
            .map_err(|_| later(Why::Silent))?
            .map_err(|error| judged(&error, Why::Unwelcome))?;
        if let Some(tls) = tls.filter(|_| self.tls == Tls::Starttls) {
            if !line.can_starttls() {
                line.abort().await;
                return Err(later(Why::NoTls));
            }
            let upgrading =
                tokio::time::timeout(patience.command, line.starttls(tls, &hello)).await;
            upgrading
                .map_err(|_| later(Why::Silent))?
                .map_err(|error| judged(&error, Why::NoTls))?;
        }
        if !self.username.is_empty() {
            self.sign_in(&mut line, patience).await?;
        }
        Ok(line)
    }

    async fn sign_in(
        &self,
        line: &mut AsyncSmtpConnection,
        patience: Patience,
    ) -> Result<(), Said> {
        let known = [Mechanism::Plain, Mechanism::Login];
        if line.server_info().get_auth_mechanism(&known).is_none() {
            line.abort().await;
            return Err(later(Why::NoAuth));
        }
        let who = Credentials::new(self.username.clone(), self.password.clone());
        let signed = tokio::time::timeout(patience.command, line.auth(&known, &who)).await;
        match signed.map_err(|_| later(Why::Silent))? {
            // RFC 4954: 235 and nothing else lets one in.
            Ok(response) if response.has_code(235) => Ok(()),
            Ok(_) => Err(later(Why::Credentials)),
            Err(error) => Err(judged(&error, Why::Credentials)),
        }
    }

    /// Where the server is: never an address that belongs to nobody, and nowhere
    /// but on this machine when nothing is encrypted.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, Said> {
        let host = self.host.trim_matches(['[', ']']);
        let found = tokio::net::lookup_host((host, self.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| later(Why::Unreachable))?.collect();
        let kept = found.into_iter().filter(|address| match self.tls {
            Tls::None => address.ip().is_loopback(),
            Tls::Implicit | Tls::Starttls => place(address.ip()) != Place::Nowhere,
        });
        let kept: Vec<SocketAddr> = kept.collect();
        if kept.is_empty() { Err(later(Why::Nobodys)) } else { Ok(kept) }
    }

    fn trust(&self) -> Result<TlsParameters, Said> {
        let host = self.host.trim_matches(['[', ']']).to_owned();
        let mut builder = TlsParameters::builder(host);
        if let Some(ca) = &self.ca {
            let own = Certificate::from_pem(ca.as_bytes()).map_err(|_| later(Why::Certificate))?;
            builder = builder.certificate_store(CertificateStore::None).add_root_certificate(own);
        }
        builder.build_rustls().map_err(|_| later(Why::Certificate))
    }
}

/// Whether the text may leave this machine unencrypted for a server of this name.
pub(super) fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || literal.is_ok_and(|ip| ip.is_loopback())
}

async fn hand_over(
    line: &mut AsyncSmtpConnection,
    patience: Patience,
    (from, to): (&Email, &Email),
    text: &[u8],
) -> Said {
    let envelope = async {
        let mail = Mail::new(Some(from.mailbox()), Vec::new());
        command(line, patience, mail, Why::Sender).await?;
        command(line, patience, Rcpt::new(to.mailbox(), Vec::new()), Why::Recipient).await?;
        match command(line, patience, Data, Why::Content).await? {
            (354, _) => Ok(()),
            // Somebody in between put answers into the line.
            _ => Err(later(Why::NotSmtp)),
        }
    };
    if let Err(said) = envelope.await {
        return said;
    }
    // From here on the text leaves.
    match tokio::time::timeout(patience.text, line.message(text)).await {
        Ok(Ok(response)) if response.has_code(250) => {
            Said { answer: Answer::Accepted, words: words_of(response.message()) }
        }
        Ok(Err(error)) if error.status().is_some() => judged(&error, Why::Content),
        Ok(_) | Err(_) => Said { answer: Answer::Uncertain, words: None },
    }
}

/// Says one thing and hears one answer, which is a yes.
async fn command<C: std::fmt::Display>(
    line: &mut AsyncSmtpConnection,
    patience: Patience,
    command: C,
    stage: Why,
) -> Result<(u16, Option<String>), Said> {
    let heard = tokio::time::timeout(patience.command, line.command(command)).await;
    let response = heard.map_err(|_| later(Why::Silent))?.map_err(|error| judged(&error, stage))?;
    let code = response.code().to_string().parse().unwrap_or_default();
    Ok((code, words_of(response.message())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, tls: Tls) -> Server {
        Server {
            host: host.to_owned(),
            port: 25,
            tls,
            username: String::new(),
            password: String::new(),
            ca: None,
            hello: "arai.kz".to_owned(),
        }
    }

    #[tokio::test]
    async fn nothing_leaves_this_machine_unencrypted() {
        for far in ["192.168.1.5", "8.8.8.8"] {
            let refused = server(far, Tls::None).addresses().await;
            assert_eq!(refused, Err(later(Why::Nobodys)), "{far}");
        }
        assert!(server("127.0.0.1", Tls::None).addresses().await.is_ok());
        assert!(server("192.168.1.5", Tls::Starttls).addresses().await.is_ok());
    }

    #[tokio::test]
    async fn no_mail_server_is_where_clouds_keep_their_secrets() {
        for nobodys in ["169.254.169.254", "0.0.0.0", "[fe80::1]"] {
            let refused = server(nobodys, Tls::Implicit).addresses().await;
            assert_eq!(refused, Err(later(Why::Nobodys)), "{nobodys}");
        }
    }
}
