import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

/** A connection on which a test sends bytes. */
export interface RawConnection {
  socket: Socket;
  send(bytes: string | Buffer): void;
  /** The next answer; null if the connection ends without one. */
  next(): Promise<RawAnswer | null>;
  /** Resolves when the server has closed the connection. */
  closed: Promise<void>;
}

export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  let isClosed = false;
  let wake = (): void => undefined;
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    wake();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      wake();
      resolve();
    });
  });

  /** Removes a complete answer from the received data and returns it. */
  function take(): RawAnswer | null {
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [first = '', ...lines] = received.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const rest = Buffer.from(received.slice(end + 4));
    const length = Number(headers['content-length'] ?? 0);
    if (rest.length < length) return null;
    received = rest.subarray(length).toString();
    return { status: Number(first.split(' ')[1]), headers, body: rest.subarray(0, length).toString() };
  }

  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    async next() {
      for (;;) {
        const answer = take();
        if (answer || isClosed) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    closed,
  };
}

/** Sends the bytes and returns every answer until the server closes the connection. */
export async function answersTo(url: string, bytes: string | Buffer): Promise<RawAnswer[]> {
  const connection = openRaw(url);
  connection.send(bytes);
  const answers: RawAnswer[] = [];
  for (let one = await connection.next(); one; one = await connection.next()) answers.push(one);
  return answers;
}
