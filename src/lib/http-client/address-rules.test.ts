import { describe, expect, it } from 'vitest'
import { judgeAddress, toIpLiteral } from './address-rules.ts'

describe('judgeAddress', () => {
  it.each([
    ['93.184.215.14', 'allowed'],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'allowed'],
    ['172.32.0.1', 'allowed'],
    ['64:ff9b::5db8:d70e', 'allowed'],
    ['127.0.0.1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['::', 'private'],
    ['::1', 'private'],
    ['fd12::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['169.254.169.254', 'never'],
    ['fe80::1', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['fd00:ec2::254', 'never'],
    ['not an address', 'never'],
  ])('%s without private addresses: %s', (address, expected) => {
    expect(judgeAddress(address, false)).toBe(expected)
  })

  it.each([
    ['127.0.0.1', 'allowed'],
    ['fd12::1', 'allowed'],
    ['169.254.1.1', 'never'],
    ['::ffff:169.254.1.1', 'never'],
  ])('%s with private addresses: %s', (address, expected) => {
    expect(judgeAddress(address, true)).toBe(expected)
  })
})

describe('toIpLiteral', () => {
  it.each([
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://[::ffff:169.254.169.254]/', '::ffff:a9fe:a9fe'],
    ['http://2852039166/', '169.254.169.254'],
    ['http://gitlab.example.com/', null],
  ])('%s', (url, expected) => {
    expect(toIpLiteral(new URL(url).hostname)).toBe(expected)
  })
})
