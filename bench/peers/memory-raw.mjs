// Bare sockets that have carried one message: what a connection costs before any library.
import net from 'node:net';

export async function server() {
  const listener = net.createServer({ noDelay: true }, (socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('error', () => socket.destroy());
  });
  return {
    start: async () => {
      await new Promise((resolve) => listener.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
      return { port: listener.address().port };
    },
  };
}

export async function client() {
  const sockets = [];
  return {
    connect: async ({ port, connections }) => {
      for (let i = 0; i < connections; i++) {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        sockets.push(socket);
        await new Promise((resolve, reject) => {
          socket.on('error', reject);
          socket.on('data', resolve);
          socket.write('x');
        });
      }
    },
  };
}
