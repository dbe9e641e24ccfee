// Tries every way out of a page; WANTED, FEW, STUN and AT are filled in by the test.
WANTED.forEach((url, number) => {
  const ways = [
    () => { new Image().src = url; },
    () => fetch(url, {mode: "no-cors"}).catch(() => 0),
    () => navigator.sendBeacon(url, "x"),
    () => { const one = document.createElement("iframe"); one.src = url; document.body.append(one); },
    () => { const one = document.createElement("script"); one.src = url; document.body.append(one); },
    () => { const one = document.createElement("link"); one.rel = "stylesheet"; one.href = url;
            document.head.append(one); },
  ];
  for (const one of [number, number + 3]) {
    try { ways[one % ways.length](); } catch (error) {}
  }
});
for (const url of FEW) {
  for (const make of [
    () => new WebSocket(url.replace("http", "ws")),
    () => new EventSource(url),
    () => { const one = new XMLHttpRequest(); one.open("POST", url); one.send("x"); },
    () => new Worker(URL.createObjectURL(new Blob([`importScripts("${url}"); fetch("${url}")`]))),
    () => new SharedWorker(URL.createObjectURL(new Blob([`fetch("${url}")`]))),
    () => navigator.serviceWorker.register("/worker.js"),
    () => { for (const rel of ["prefetch", "preconnect", "dns-prefetch", "preload", "prerender"]) {
              const one = document.createElement("link"); one.rel = rel; one.href = url; one.as = "image";
              document.head.append(one); } },
    () => { const one = document.createElement("object"); one.data = url; document.body.append(one); },
    () => { const one = document.createElement("video"); one.src = url; document.body.append(one); },
    () => { const one = document.createElement("style");
            one.textContent = `@import "${url}"; @font-face { font-family: x; src: url(${url}) }
              body { background: url(${url}); font-family: x }`; document.head.append(one); },
    () => window.open(url),
    () => { const one = document.createElement("form"); one.action = url; one.method = "post";
            one.target = "_blank"; document.body.append(one); one.submit(); },
    () => { const one = document.createElement("a"); one.href = url; one.ping = url; one.download = "x";
            document.body.append(one); one.click(); },
  ]) { try { make(); } catch (error) {} }
}
for (const server of STUN) {
  const one = new RTCPeerConnection({iceServers: [{urls: server, username: "a", credential: "b"}]});
  one.createDataChannel("x");
  one.createOffer().then((offer) => one.setLocalDescription(offer));
}
try { new WebTransport("https://AT/"); } catch (error) {}
document.getElementById("said").textContent = "it ran";
