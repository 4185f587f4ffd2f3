//! One connection to a centre, from its bind to its unbind: a window of
//! messages under way, a sign of life every half minute, and what the centre
//! brings by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::pdu::{self, Deliver, Pdu};
use crate::messaging::gateway::Trouble;

/// Messages under way at the same time.
const WINDOW: usize = 10;

/// How often a sign of life is asked for, and how long one is waited for.
pub const ALIVE_EVERY: Duration = Duration::from_secs(30);

/// A message brought to us is acknowledged once it is kept, within so long.
const KEPT_WITHIN: Duration = Duration::from_secs(10);

/// A centre that takes nothing off the wire for so long is gone.
const WRITTEN_WITHIN: Duration = Duration::from_secs(20);

/// A centre that is told goodbye has so long to answer.
const GOODBYE: Duration = Duration::from_secs(2);

/// A bound connection. It is unbound when the last handle is gone.
#[derive(Clone)]
pub struct Session {
    asks: mpsc::Sender<Ask>,
    /// What this centre was found not to do.
    lacks: Arc<Lacks>,
}

#[derive(Debug, Default)]
struct Lacks {
    headers: AtomicBool,
    query: AtomicBool,
}

/// What the centre brought. It is acknowledged with `true`, and brought again
/// after `false` or when this is dropped.
pub struct Brought {
    pub said: Deliver,
    pub kept: oneshot::Sender<bool>,
}

struct Ask {
    command: u32,
    body: Vec<u8>,
    /// Set once, by whoever is first: the connection as it lets the message
    /// leave, or the asker as they give up.
    decided: Arc<AtomicBool>,
    answer: oneshot::Sender<Pdu>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    NotSent,
    Lost,
}

impl Session {
    /// Binds. `brought` gets what the centre brings; the task ends with the
    /// connection.
    ///
    /// # Errors
    /// Why the centre does not let us in.
    pub async fn bind<S>(
        stream: S,
        (system_id, password): (&str, &str),
        (patience, alive_every): (Duration, Duration),
        brought: impl Fn(Brought) + Send + Sync + 'static,
    ) -> Result<(Self, JoinHandle<()>), Trouble>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (mut reader, mut writer) = split(stream);
        let ask = Pdu::ask(pdu::BIND_TRANSCEIVER, 1, pdu::bind(system_id, password));
        let bound = async {
            writer.write_all(&ask.written()).await?;
            Pdu::read(&mut reader).await
        };
        let answer = timeout(patience, bound).await.map_err(|_| Trouble::Silent)?;
        let answer = answer.map_err(|_| Trouble::WrongAddress)?;
        if answer.sequence != 1 || !answer.is_answer() {
            return Err(Trouble::WrongAddress);
        }
        match answer.status {
            pdu::OK => {}
            status if super::BUSY.contains(&status) => return Err(Trouble::Busy),
            _ => return Err(Trouble::Credentials),
        }
        let (asks, asked) = mpsc::channel(WINDOW);
        let (arrived, incoming) = mpsc::channel(WINDOW);
        let reading = tokio::spawn(read_on(reader, arrived));
        let (acknowledge, acknowledged) = mpsc::unbounded_channel();
        let running = Running {
            writer,
            reading,
            under_way: HashMap::new(),
            sequence: 1,
            is_alive: true,
            alive_every,
            acknowledge,
        };
        let goes_on = tokio::spawn(running.run(asked, incoming, acknowledged, brought));
        Ok((Self { asks, lacks: Arc::default() }, goes_on))
    }

    pub fn is_open(&self) -> bool {
        !self.asks.is_closed()
    }

    /// Whether it takes parts with user data headers, as far as is known.
    pub fn takes_headers(&self) -> bool {
        !self.lacks.headers.load(Ordering::Relaxed)
    }

    pub fn never_headers(&self) {
        self.lacks.headers.store(true, Ordering::Relaxed);
    }

    /// Whether it knows `query_sm`, as far as is known.
    pub fn takes_queries(&self) -> bool {
        !self.lacks.query.load(Ordering::Relaxed)
    }

    pub fn never_queries(&self) {
        self.lacks.query.store(true, Ordering::Relaxed);
    }

    /// Hands a request over and waits for the centre's answer.
    pub async fn ask(
        &self,
        command: u32,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Pdu, Silence> {
        let decided = Arc::new(AtomicBool::new(false));
        let (answer, answered) = oneshot::channel();
        let ask = Ask { command, body, decided: decided.clone(), answer };
        let whole = async {
            self.asks.send(ask).await.map_err(|_| ())?;
            answered.await.map_err(|_| ())
        };
        match timeout(patience, whole).await {
            Ok(Ok(answer)) => Ok(answer),
            _ if decided.swap(true, Ordering::SeqCst) => Err(Silence::Lost),
            _ => Err(Silence::NotSent),
        }
    }
}

/// A PDU is never torn by whatever else happens: one task reads and does
/// nothing besides.
async fn read_on<S: AsyncRead>(mut reader: ReadHalf<S>, arrived: mpsc::Sender<Pdu>) {
    while let Ok(pdu) = Pdu::read(&mut reader).await {
        if arrived.send(pdu).await.is_err() {
            break;
        }
    }
}

struct Running<S> {
    writer: WriteHalf<S>,
    reading: JoinHandle<()>,
    under_way: HashMap<u32, oneshot::Sender<Pdu>>,
    sequence: u32,
    is_alive: bool,
    alive_every: Duration,
    acknowledge: mpsc::UnboundedSender<Pdu>,
}

impl<S: AsyncRead + AsyncWrite + Send + 'static> Running<S> {
    /// Until the centre is gone, or nobody needs it any more.
    async fn run(
        mut self,
        mut asked: mpsc::Receiver<Ask>,
        mut incoming: mpsc::Receiver<Pdu>,
        mut acknowledged: mpsc::UnboundedReceiver<Pdu>,
        brought: impl Fn(Brought) + Send + Sync + 'static,
    ) {
        let mut ticks = interval(self.alive_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            let goes_on = tokio::select! {
                ask = asked.recv(), if self.under_way.len() < WINDOW => {
                    if let Some(ask) = ask {
                        self.hand_over(ask).await
                    } else {
                        self.say_goodbye(&mut incoming).await;
                        false
                    }
                },
                pdu = incoming.recv() => match pdu {
                    Some(pdu) => self.take(pdu, &brought).await,
                    None => false,
                },
                Some(answer) = acknowledged.recv() => self.write(&answer).await,
                _ = ticks.tick() => self.ask_for_life().await,
            };
            if !goes_on {
                break;
            }
        }
        self.reading.abort();
    }

    async fn write(&mut self, pdu: &Pdu) -> bool {
        let written = async {
            self.writer.write_all(&pdu.written()).await?;
            self.writer.flush().await
        };
        matches!(timeout(WRITTEN_WITHIN, written).await, Ok(Ok(())))
    }

    fn next(&mut self) -> u32 {
        self.sequence = if self.sequence == 0x7fff_ffff { 1 } else { self.sequence + 1 };
        self.sequence
    }

    async fn hand_over(&mut self, ask: Ask) -> bool {
        // Whoever asked has given up: nothing leaves behind their back.
        if ask.decided.swap(true, Ordering::SeqCst) {
            return true;
        }
        let sequence = self.next();
        self.under_way.insert(sequence, ask.answer);
        self.write(&Pdu::ask(ask.command, sequence, ask.body)).await
    }

    async fn ask_for_life(&mut self) -> bool {
        if !std::mem::replace(&mut self.is_alive, false) {
            return false;
        }
        self.under_way.retain(|_, answer| !answer.is_closed());
        let sequence = self.next();
        self.write(&Pdu::ask(pdu::ENQUIRE_LINK, sequence, Vec::new())).await
    }

    async fn take(&mut self, pdu: Pdu, brought: &impl Fn(Brought)) -> bool {
        self.is_alive = true;
        if pdu.is_answer() {
            if let Some(answer) = self.under_way.remove(&pdu.sequence) {
                let _ = answer.send(pdu);
            }
            return true;
        }
        match pdu.command {
            pdu::ENQUIRE_LINK => self.write(&pdu.answer(pdu::OK)).await,
            pdu::UNBIND => {
                self.write(&pdu.answer(pdu::OK)).await;
                false
            }
            pdu::DELIVER_SM => {
                // What cannot be read now cannot be read later either.
                let Some(said) = Deliver::read(&pdu.body) else {
                    return self.write(&pdu.answer(pdu::OK)).await;
                };
                let (kept, is_kept) = oneshot::channel();
                brought(Brought { said, kept });
                let acknowledge = self.acknowledge.clone();
                tokio::spawn(async move {
                    let is_kept = matches!(timeout(KEPT_WITHIN, is_kept).await, Ok(Ok(true)));
                    let status = if is_kept { pdu::OK } else { pdu::TRY_AGAIN };
                    let _ = acknowledge.send(pdu.answer(status));
                });
                true
            }
            _ => {
                let nack = Pdu {
                    command: pdu::GENERIC_NACK,
                    status: pdu::UNKNOWN_COMMAND,
                    sequence: pdu.sequence,
                    body: Vec::new(),
                };
                self.write(&nack).await
            }
        }
    }

    async fn say_goodbye(&mut self, incoming: &mut mpsc::Receiver<Pdu>) {
        let sequence = self.next();
        if !self.write(&Pdu::ask(pdu::UNBIND, sequence, Vec::new())).await {
            return;
        }
        let answered = async {
            while let Some(pdu) = incoming.recv().await {
                if pdu.sequence == sequence && pdu.is_answer() {
                    break;
                }
            }
        };
        let _ = timeout(GOODBYE, answered).await;
        let _ = self.writer.shutdown().await;
    }
}
