// What one would write by hand: MQTT in, InfluxDB out, a live count in memory.
// BENCH_MQTT, BENCH_INFLUX, BENCH_HTTP are ports of loopback.
const http = require('http');
const mqtt = require('mqtt');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const live = {};
let lines = [];
let writing = false;

function write() {
  if (writing || lines.length === 0) return;
  writing = true;
  const some = lines.splice(0, 5000);
  const request = http.request({
    agent, host: '127.0.0.1', port: process.env.BENCH_INFLUX, method: 'POST', path: '/write?db=peer&precision=ns',
  }, answer => {
    answer.resume();
    answer.on('end', () => {
      writing = false;
      if (answer.statusCode >= 500) lines = some.concat(lines);
      if (lines.length >= 1000) write();
    });
  });
  request.on('error', () => {
    writing = false;
    lines = some.concat(lines);
  });
  request.end(some.join('\n'));
}

setInterval(write, 50);

const client = mqtt.connect(`mqtt://127.0.0.1:${process.env.BENCH_MQTT}`, { clientId: 'bare', clean: false });
client.on('connect', () => client.subscribe('facility/v1/+/+/events', { qos: 1 }));
client.on('message', (topic, payload) => {
  const [, , site, device] = topic.split('/');
  const batch = JSON.parse(payload);
  for (const e of batch.events) {
    live[site] = (live[site] || 0) + e.value;
    const at = `${Date.parse(e.at)}${String(e.seq % 1000000).padStart(6, '0')}`;
    lines.push(`event,site=${site},device=${device},sensor=${e.sensor},kind=${e.kind},stream=${batch.stream} value=${e.value} ${at}`);
  }
  if (lines.length >= 1000) write();
});

http.createServer((_, answer) => answer.end(JSON.stringify(live))).listen(process.env.BENCH_HTTP, '127.0.0.1');
