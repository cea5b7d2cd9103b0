//! TLS before the protocol library, which serves it in the clear.
//!
//! A client that wants TLS answers the greeting with an SSLRequest, which is a packet more than the library sees: so
//! the packets of the login are numbered anew, and TLS is neither in the greeting nor in the login that it gets. See
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, copy_bidirectional};
use tokio_rustls::TlsAcceptor;

/// `CLIENT_SSL`, in the second byte of the capabilities.
const SSL: u8 = 0x08;
/// The payload of an SSLRequest.
const SSL_REQUEST_BYTES: usize = 32;
/// More than a login has.
const MOST_LOGIN_BYTES: usize = 64 << 10;

/// A certificate of its own making, as FEs have.
pub(crate) fn self_signed() -> Result<Arc<ServerConfig>, Box<dyn std::error::Error>> {
    let made = rcgen::generate_simple_self_signed(vec!["fe.invalid".to_owned()])?;
    let key = made.signing_key.serialize_der().try_into()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok(Arc::new(config))
}

struct Packet {
    sequence: u8,
    payload: Vec<u8>,
}

async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Packet> {
    let mut header = [0; 4];
    from.read_exact(&mut header).await?;
    let length = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
    if length > MOST_LOGIN_BYTES {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; length];
    from.read_exact(&mut payload).await?;
    Ok(Packet { sequence: header[3], payload })
}

async fn write(to: &mut (impl AsyncWrite + Unpin), packet: &Packet) -> io::Result<()> {
    let length = u32::try_from(packet.payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = vec![length[0], length[1], length[2], packet.sequence];
    bytes.extend(&packet.payload);
    to.write_all(&bytes).await?;
    to.flush().await
}

/// Serves one client: `library` is the other side's clear protocol. Whether the client took TLS is told by `encrypted`.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: S,
    mut library: DuplexStream,
    config: Arc<ServerConfig>,
    encrypted: impl FnOnce(),
) -> io::Result<()> {
    let mut greeting = read(&mut library).await?;
    // Protocol version, the server's version with its end, connection number, the first part of the salt, a filler.
    let version_end = greeting.payload.iter().skip(1).position(|byte| *byte == 0);
    let capabilities = version_end.map_or(usize::MAX, |end| 1 + end + 1 + 4 + 8 + 1);
    let Some(flags) = greeting.payload.get_mut(capabilities.saturating_add(1)) else {
        return Err(ErrorKind::InvalidData.into());
    };
    *flags |= SSL;
    write(&mut client, &greeting).await?;
    let answer = read(&mut client).await?;
    let wants_tls = answer.payload.len() == SSL_REQUEST_BYTES && answer.payload[1] & SSL != 0;
    if !wants_tls {
        write(&mut library, &answer).await?;
        copy_bidirectional(&mut client, &mut library).await?;
        return Ok(());
    }
    let mut client = TlsAcceptor::from(config).accept(client).await?;
    encrypted();
    loop {
        let mut login = read(&mut client).await?;
        if login.sequence == 2
            && let Some(flags) = login.payload.get_mut(1)
        {
            *flags &= !SSL;
        }
        login.sequence = login.sequence.wrapping_sub(1);
        write(&mut library, &login).await?;
        let mut verdict = read(&mut library).await?;
        verdict.sequence = verdict.sequence.wrapping_add(1);
        write(&mut client, &verdict).await?;
        // OK or an error; anything else asks for a further packet.
        if matches!(verdict.payload.first(), Some(0x00 | 0xff)) {
            break;
        }
    }
    copy_bidirectional(&mut client, &mut library).await?;
    Ok(())
}
