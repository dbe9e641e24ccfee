// A whole network: PLC directory, PDS, AppView, moderation. Ports come by the environment.
// The control port answers any request once the AppView has read all that the PDS has; a
// body of {nsid, body} is first held against the published lexicon of that method's output.
const { createServer } = require('node:http')
const { TestNetwork } = require('@atproto/dev-env')
const { Lexicons, jsonToLex } = require('@atproto/lexicon')
const { schemas } = require("@atproto/api")

const port = (name) => Number(process.env[name])

async function main() {
  const network = await TestNetwork.create({
    dbPostgresSchema: 'network',
    plc: { port: port('PLC_PORT') },
    pds: { port: port('PDS_PORT'), hostname: 'localhost' },
    bsky: {
      dbPostgresSchema: 'bsky',
      port: port('BSKY_PORT'),
      publicUrl: `http://localhost:${port('BSKY_PORT')}`,
    },
    ozone: { port: port('OZONE_PORT') },
  })
  const lexicons = new Lexicons(schemas)
  const answer = async (text) => {
    if (!text) {
      await network.processAll()
      return 'settled'
    }
    const { nsid, body } = JSON.parse(text)
    try {
      lexicons.assertValidXrpcOutput(nsid, jsonToLex(body))
      return ''
    } catch (error) {
      return `${nsid}: ${error.message}`
    }
  }
  const control = createServer((request, response) => {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () =>
      answer(Buffer.concat(parts).toString()).then(
        (said) => response.end(said),
        (error) => response.writeHead(500).end(String(error && error.stack)),
      ),
    )
  })
  control.listen(port('CONTROL_PORT'))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
