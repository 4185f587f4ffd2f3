// The centre of tests/peers/smpp.sh. Moods, one a line on standard input, each for the next message:
//   silent        takes it and never answers
//   drop          takes it and closes the connection
//   status N      refuses it with the status N
//   hex           answers with the number in hex, and tells it in decimal in the receipt
//   mute          takes it and answers nothing, then sends its receipt all the same
//   early         sends its receipt first, and answers at "release"
//   quiet         answers, and sends no receipt
// and, for all sessions: "say FROM TEXT" (a person writes), "unbind" (the centre goes), "hang up" (without a word),
// "enquire" (asks us for a sign of life), "signs no" and "signs yes" (gives none itself, or does again),
// "receipt REFERENCE PHONE" (of a message whose answer was lost), "headers no" (it takes no user data headers), "queries no" (nor query_sm).
const fs = require('node:fs');
const readline = require('node:readline');
const smpp = require('smpp');

const folder = process.argv[2];
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
// The test is over: nobody reads any more.
process.stdout.on('error', () => process.exit(0));
const moods = [];
const sessions = new Set();
let taken = 0xa0;
let answerNow = () => {};
const not = new Set();

// Not every centre tells our reference again.
function receipt(session, pdu, id, state = 'DELIVRD', tells = true) {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611271010 done date:2611271011 stat:${state} err:000 text:`;
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: { message: Buffer.from(text, 'ascii') },
    ...(tells ? { user_message_reference: pdu.user_message_reference } : {}),
  }, (answer) => tell({ acknowledged: answer.command_status }));
}

function serve(session) {
  sessions.add(session);
  session.on('error', () => {});
  session.on('close', () => { sessions.delete(session); tell({ closed: true }); });
  session.on('bind_transceiver', (pdu) => {
    const welcome = pdu.system_id === 'clinic' && pdu.password === 'smpp-pw' && pdu.interface_version === 0x34;
    session.send(pdu.response({ command_status: welcome ? 0 : smpp.ESME_RINVPASWD }));
    tell({ bound: welcome });
  });
  session.on('enquire_link', (pdu) => {
    tell({ enquired: true });
    if (!not.has('signs')) session.send(pdu.response());
  });
  session.on('query_sm', (pdu) => {
    tell({ asked: pdu.message_id, by: pdu.source_addr });
    if (not.has('queries')) session.send(pdu.response({ command_status: smpp.ESME_RINVCMDID }));
    else session.send(pdu.response({ message_id: pdu.message_id, message_state: 2 }));
  });
  session.on('unbind', (pdu) => { tell({ unbound: true }); session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const mood = moods.shift() ?? '';
    if (mood.startsWith('status ')) {
      session.send(pdu.response({ command_status: Number(mood.slice(7)) }));
      return;
    }
    if (not.has('headers') && pdu.esm_class & 0x40) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVESMCLASS }));
      return;
    }
    taken += 1;
    const body = (pdu.message_payload ?? pdu.short_message).message;
    tell({
      to: pdu.destination_addr, from: pdu.source_addr, ton: [pdu.source_addr_ton, pdu.dest_addr_ton],
      reference: pdu.user_message_reference, coding: pdu.data_coding, esm: pdu.esm_class, receipt: pdu.registered_delivery,
      payload: pdu.message_payload !== undefined, text: Buffer.isBuffer(body) ? body.toString('utf8') : body,
      parts: (pdu.short_message.udh ?? []).map((one) => one.toString('hex')),
    });
    if (mood === 'drop') { session.destroy(); return; }
    if (mood === 'silent') return;
    const id = mood === 'hex' ? taken.toString(16) : String(taken);
    answerNow = () => session.send(pdu.response({ message_id: id }));
    if (mood === 'early') { receipt(session, pdu, id, 'DELIVRD', false); return; }
    if (mood !== 'mute') answerNow();
    if (pdu.registered_delivery && mood !== 'quiet') receipt(session, pdu, String(taken));
  });
}

const key = fs.readFileSync(`${folder}/server.key`);
const cert = fs.readFileSync(`${folder}/server.pem`);
const plain = smpp.createServer({}, serve);
const secure = smpp.createServer({ key, cert }, serve);
plain.listen(0, '127.0.0.1', () => secure.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready ${plain.address().port} ${secure.address().port}\n`);
}));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  tell({ mood: line });
  if (line === 'release') answerNow();
  else if (line.startsWith('receipt ')) {
    // Of a message whose number nobody was told, by its reference.
    const [, reference, destination] = line.split(' ');
    const pdu = { destination_addr: destination, source_addr: 'ARAI', user_message_reference: Number(reference) };
    for (const session of sessions) receipt(session, pdu, 'ff00ff');
  } else if (line.endsWith(' no')) not.add(line.slice(0, -3));
  else if (line.endsWith(' yes')) not.delete(line.slice(0, -4));
  else if (line === 'hang up') for (const session of sessions) session.destroy();
  else if (line === 'enquire') {
    for (const session of sessions) session.enquire_link({}, (answer) => tell({ alive: answer.command_status }));
  }
  else if (line === 'unbind') for (const session of sessions) session.unbind();
  else if (line.startsWith('say ')) {
    const [, from, ...words] = line.split(' ');
    for (const session of sessions) {
      session.deliver_sm({ source_addr: from, destination_addr: '1414', data_coding: 8, short_message: words.join(' ') },
        (answer) => tell({ acknowledged: answer.command_status }));
    }
  } else moods.push(line);
}).on('close', () => process.exit(0));
