import { benchHttp } from './http.ts';

await benchHttp();
