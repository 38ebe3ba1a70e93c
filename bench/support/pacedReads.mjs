/**
 * A worker that sends one GET every few milliseconds over one connection, whether or not the last was answered, and says how long the
 * answers took, in milliseconds from the time at which each request was due. In a thread of its own, so that what it measures is the server.
 */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';

const { urls, token, everyMs } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const headers = { authorization: `Bearer ${token}` };
const times = [];
let open = 0;
let sent = 0;
let dueAt = performance.now();
let isEnding = false;

function send() {
  dueAt += everyMs;
  const due = dueAt;
  open += 1;
  const sending = request(urls[(sent += 1) % urls.length], { agent, headers }, (response) => {
    if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`);
    response.resume();
    response.on('end', () => {
      times.push(performance.now() - due);
      open -= 1;
      if (isEnding && open === 0) report();
    });
  });
  sending.end();
}

function report() {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  parentPort.postMessage({ answers: sorted.length, p50: at(0.5), p99: at(0.99) });
  agent.destroy();
  parentPort.close();
}

const timer = setInterval(() => {
  while (performance.now() >= dueAt + everyMs) send();
}, 1);

parentPort.on('message', () => {
  isEnding = true;
  clearInterval(timer);
  if (open === 0) report();
});
