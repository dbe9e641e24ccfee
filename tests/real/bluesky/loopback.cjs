// Loaded before the servers: whatever they listen on, it is on this machine alone.
const { Server } = require('node:net')
const listen = Server.prototype.listen
Server.prototype.listen = function (first, ...rest) {
  if (first !== null && typeof first === 'object' && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  if (first === undefined || /^\d+$/.test(String(first))) {
    const done = rest.find((one) => typeof one === 'function')
    return listen.call(this, { port: Number(first ?? 0), host: '127.0.0.1' }, done)
  }
  return listen.call(this, first, ...rest)
}
