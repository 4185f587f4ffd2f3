// The centre of tests/peers/smpp.sh. Moods, one a line on standard input, each for the next message:
//   silent        takes it and never answers
//   drop          takes it and closes the connection
//   status N      refuses it with the status N
//   hex           answers with the number in hex, and tells it in decimal in the receipt
//   mute          takes it and answers nothing, then sends its receipt all the same
// and, for all sessions: "say FROM TEXT" (a person writes), "unbind" (the centre goes).
const fs = require('node:fs');
const readline = require('node:readline');
const smpp = require('smpp');

const folder = process.argv[2];
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const moods = [];
const sessions = new Set();
let taken = 0xa0;

function receipt(session, pdu, id, state = 'DELIVRD') {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611271010 done date:2611271011 stat:${state} err:000 text:`;
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: { message: Buffer.from(text, 'ascii') }, user_message_reference: pdu.user_message_reference,
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
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { tell({ unbound: true }); session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const mood = moods.shift() ?? '';
    if (mood.startsWith('status ')) {
      session.send(pdu.response({ command_status: Number(mood.slice(7)) }));
      return;
    }
    taken += 1;
    const body = pdu.short_message.message;
    tell({
      to: pdu.destination_addr, from: pdu.source_addr, ton: [pdu.source_addr_ton, pdu.dest_addr_ton],
      coding: pdu.data_coding, esm: pdu.esm_class, receipt: pdu.registered_delivery,
      text: Buffer.isBuffer(body) ? body.toString('utf8') : body,
      parts: (pdu.short_message.udh ?? []).map((one) => one.toString('hex')),
    });
    if (mood === 'drop') { session.destroy(); return; }
    if (mood === 'silent') return;
    if (mood !== 'mute') session.send(pdu.response({ message_id: mood === 'hex' ? taken.toString(16) : String(taken) }));
    if (pdu.registered_delivery) receipt(session, pdu, String(taken));
  });
}

const key = fs.readFileSync(`${folder}/server.key`);
const cert = fs.readFileSync(`${folder}/ca.pem`);
const plain = smpp.createServer({}, serve);
const secure = smpp.createServer({ key, cert }, serve);
plain.listen(0, '127.0.0.1', () => secure.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready ${plain.address().port} ${secure.address().port}\n`);
}));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  tell({ mood: line });
  if (line === 'unbind') for (const session of sessions) session.unbind();
  else if (line.startsWith('say ')) {
    const [, from, ...words] = line.split(' ');
    for (const session of sessions) {
      session.deliver_sm({ source_addr: from, destination_addr: '1414', data_coding: 8, short_message: words.join(' ') },
        (answer) => tell({ acknowledged: answer.command_status }));
    }
  } else moods.push(line);
}).on('close', () => process.exit(0));
