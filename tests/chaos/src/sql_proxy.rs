//! The proxy between the operator and the FEs.

use crate::{
    gate::Gate,
    sql,
    strike::{Kind, Side},
};
use socket2::SockRef;
use std::{
    io,
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Serves connections that the kernel redirects here, each to where it was meant to go.
///
/// # Errors
/// When no connection can be accepted any more.
pub async fn serve(listener: TcpListener, gate: Gate) -> io::Result<()> {
    loop {
        let (operator, _) = listener.accept().await?;
        let gate = gate.clone();
        tokio::spawn(async move {
            // A connection that breaks is what the operator has to cope with; it is told by the broken connection.
            let _broken = relay(operator, &gate).await;
        });
    }
}

async fn relay(operator: TcpStream, gate: &Gate) -> io::Result<()> {
    let meant = SockRef::from(&operator).original_dst_v4()?;
    let meant = meant.as_socket().ok_or_else(|| io::Error::other("redirected from no address"))?;
    let fe = TcpStream::connect(meant).await?;
    operator.set_nodelay(true)?;
    fe.set_nodelay(true)?;
    let (from_operator, to_operator) = operator.into_split();
    let (from_fe, to_fe) = fe.into_split();
    let dies_at_answer = AtomicBool::new(false);
    tokio::select! {
        ended = requests(from_operator, to_fe, meant.ip(), gate, &dies_at_answer) => ended,
        ended = answers(from_fe, to_operator, gate, &dies_at_answer) => ended,
    }
}

/// Passes packets on to the FE, and counts the statements.
async fn requests(
    mut operator: OwnedReadHalf,
    mut fe: OwnedWriteHalf,
    address: IpAddr,
    gate: &Gate,
    dies_at_answer: &AtomicBool,
) -> io::Result<()> {
    loop {
        let mut header = [0; sql::HEADER];
        operator.read_exact(&mut header).await?;
        let (length, sequence) = sql::header(header);
        let mut payload = vec![0; length];
        operator.read_exact(&mut payload).await?;
        if let Some(statement) = sql::statement(sequence, &payload) {
            let kind = sql::kind(&statement);
            match gate.pass(kind, &format!("{} at {address}", shown(kind, &statement))) {
                Some(Side::Before) => {
                    gate.kill().await;
                    return Ok(());
                }
                Some(Side::After) => dies_at_answer.store(true, Ordering::Release),
                None => {}
            }
        }
        fe.write_all(&header).await?;
        fe.write_all(&payload).await?;
    }
}

/// Passes answers on, unless the operator is to die of this one.
async fn answers(
    mut fe: OwnedReadHalf,
    mut operator: OwnedWriteHalf,
    gate: &Gate,
    dies_at_answer: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = fe.read(&mut buffer).await?;
        if dies_at_answer.load(Ordering::Acquire) {
            gate.kill().await;
            return Ok(());
        }
        match buffer.get(..read) {
            None | Some([]) => return Ok(()),
            Some(bytes) => operator.write_all(bytes).await?,
        }
    }
}

fn shown(kind: Kind, statement: &str) -> String {
    let limit = if kind == Kind::Change { 120 } else { 60 };
    statement.chars().take(limit).collect()
}
