/** The baseline: a bare Koa with body parser and router that echoes the body. No token, no store, no log. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import type { AddressInfo } from 'node:net';

const app = new Koa();
const router = new Router();
router.put('/api/personas/me', (ctx) => {
  ctx.body = ctx.request.body;
});
router.post('/users/edit', (ctx) => {
  ctx.body = ctx.request.body;
});
router.get('/users/:dni', (ctx) => {
  ctx.body = { dni: ctx['params'].dni as string };
});
app.use(bodyParser());
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit(0));
