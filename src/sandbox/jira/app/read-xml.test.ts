import { expect, test } from 'vitest'
import { readXml, XmlError } from './read-xml.ts'

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

test('elements, attributes and texts', () => {
  const read = readXml(
    `${HEAD}<!-- a note --><app key="a&amp;b" name='it"s'>\n <one/>x &lt;&#33;&#x21;<![CDATA[<raw> & ]]><two a="1">y</two ></app>\n`,
  )

  expect(read).toMatchObject({
    name: 'app',
    attributes: { key: 'a&b', name: 'it"s' },
    children: [
      { name: 'one', children: [], text: '' },
      { name: 'two', attributes: { a: '1' }, text: 'y' },
    ],
  })
  expect(read.text.trim()).toBe('x <!!<raw> &')
})

test.each([
  ['no declaration', '<a/>', 'declaration'],
  ['two roots', `${HEAD}<a/><b/>`, 'one root'],
  ['no root', HEAD, 'one root'],
  ['text beside the root', `${HEAD}<a/>x`, 'one root'],
  ['an element left open', `${HEAD}<a><b></b>`, '<a> is not closed'],
  ['elements that cross', `${HEAD}<a><b></a></b>`, '</a> closes <b>'],
  ['an end without a start', `${HEAD}</a>`, '</a> closes <>'],
  ['an attribute without quotes', `${HEAD}<a b=c/>`, 'not well-formed at: <a b=c/>'],
  ['an attribute twice', `${HEAD}<a b="1" b="2"/>`, 'twice'],
  ['a "<" in an attribute', `${HEAD}<a b="<"/>`, 'not well-formed'],
  ['a bare ampersand', `${HEAD}<a>b & c</a>`, 'not escaped'],
  ['an entity that XML does not know', `${HEAD}<a>&nbsp;</a>`, 'not escaped'],
  ['two hyphens in a comment', `${HEAD}<a><!-- a -- b --></a>`, 'not well-formed'],
  ['a document type', `${HEAD}<!DOCTYPE a [<!ENTITY x "y">]><a/>`, 'not well-formed'],
  ['a space before the name', `${HEAD}< a/>`, 'not well-formed'],
  ['"]]>" in a text', `${HEAD}<a>]]></a>`, 'stands in a text'],
])('refuses %s', (_name, document, why) => {
  const read = () => readXml(document)

  expect(read).toThrow(XmlError)
  expect(read).toThrow(why)
})
