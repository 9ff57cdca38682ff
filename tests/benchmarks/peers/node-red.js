// A well-made Node-RED: writes its settings and its flow into BENCH_FOLDER and starts it. The flow reads JSON, makes points,
// gathers them (1,000, or what came in 50 ms) for one influxdb batch node, and keeps a live count in its context.
const fs = require('fs');
const path = require('path');

const folder = process.env.BENCH_FOLDER;
const gather = `
const [, , site, device] = msg.topic.split('/');
const batch = msg.payload;
const live = context.get('live') || {};
const points = context.get('points') || [];
for (const e of batch.events) {
  live[site] = (live[site] || 0) + e.value;
  points.push({
    measurement: 'event',
    tags: { site, device, sensor: e.sensor, kind: e.kind, stream: batch.stream },
    fields: { value: e.value },
    timestamp: Date.parse(e.at) + String(e.seq % 1000000).padStart(6, '0'),
  });
}
context.set('live', live);
flow.set('live', live);
if (points.length >= 1000) {
  context.set('points', []);
  return { payload: points };
}
context.set('points', points);
return null;`;
const start = `
setInterval(() => {
  const points = context.get('points') || [];
  if (points.length > 0) {
    context.set('points', []);
    node.send({ payload: points });
  }
}, 50);`;

// A node of a tab has a place on it: one without is taken for a configuration.
const flow = [
  { id: 'tab', type: 'tab', label: 'Facility', disabled: false },
  {
    id: 'broker', type: 'mqtt-broker', name: '', broker: '127.0.0.1', port: process.env.BENCH_MQTT, clientid: 'node-red',
    autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60', cleansession: false,
  },
  { id: 'influx', type: 'influxdb', hostname: '127.0.0.1', port: process.env.BENCH_INFLUX, protocol: 'http', database: 'peer', name: '', usetls: false, influxdbVersion: '1.x' },
  {
    id: 'in', type: 'mqtt in', z: 'tab', x: 100, y: 100, name: '', topic: 'facility/v1/+/+/events', qos: '1', datatype: 'json', broker: 'broker',
    nl: false, rap: true, rh: 0, inputs: 0, wires: [['gather']],
  },
  { id: 'gather', type: 'function', z: 'tab', x: 100, y: 100, name: 'gather', func: gather, outputs: 1, noerr: 0, initialize: start, finalize: '', libs: [], wires: [['out']] },
  { id: 'out', type: 'influxdb batch', z: 'tab', x: 100, y: 100, influxdb: 'influx', precision: 'n', retentionPolicy: '', name: '', wires: [] },
  { id: 'ask', type: 'http in', z: 'tab', x: 100, y: 100, name: '', url: '/live', method: 'get', upload: false, swaggerDoc: '', wires: [['tell']] },
  { id: 'tell', type: 'function', z: 'tab', x: 100, y: 100, name: 'tell', func: "msg.payload = flow.get('live') || {}; return msg;", outputs: 1, initialize: '', finalize: '', libs: [], wires: [['answer']] },
  { id: 'answer', type: 'http response', z: 'tab', x: 100, y: 100, name: '', statusCode: '', headers: {}, wires: [] },
];

fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'flows.json'), JSON.stringify(flow));
fs.writeFileSync(path.join(folder, 'settings.js'), `module.exports = ${JSON.stringify({
  uiHost: '127.0.0.1', uiPort: Number(process.env.BENCH_HTTP), userDir: folder, flowFile: 'flows.json', httpAdminRoot: false,
  nodesDir: path.join(process.env.NODE_PATH, 'node-red-contrib-influxdb'), credentialSecret: false, logging: { console: { level: 'warn' } },
  telemetry: { enabled: false, updateNotification: false },
})}`);
process.argv.push('--settings', path.join(folder, 'settings.js'));
require('node-red/red.js');
