import { answerOnce, givesMemory, needsMemory, onceOnly, shardLibrary } from "./shard.js";

/**
 * Writes items. ARGV[3], for each: bytes of id (u16), entries (u16), bytes of item and of data beside it (u32, u32), seconds to its end (u32; 0 for none);
 * then id, item, data, and for each entry the bucket's name and the record without row and end. Answers how many were new (u32).
 */
export const writeItems: string = `${shardLibrary}${onceOnly}${needsMemory}
sweep(8)
local b, p, inserted = ARGV[3], 1, 0
while p <= #b do
  local idBytes, entries, itemBytes, dataBytes, ttl
  idBytes, entries, itemBytes, dataBytes, ttl, p = unpack('<I2I2I4I4I4', b, p)
  local id, item, data = sub(b, p, p + idBytes - 1), sub(b, p + idBytes, p + idBytes + itemBytes - 1)
  p = p + idBytes + itemBytes
  local ends = 0
  if ttl > 0 then
    local now, micros = seconds()
    ends = now + ttl + (micros > 0 and 1 or 0)
    expiring = 1
  end
  local r = tonumber(call('HGET', P .. 'k', id) or -1)
  if r >= 0 and hasEnded(r) then
    removeRow(r)
    r = -1
  end
  local before, flags, replaced = 0, 0, ''
  if r >= 0 then
    local key, from, _ = P .. 'i' .. r
    before, _, from, _, _, _, flags = unpack('<I4I8I4I4I4I2I2', call('GETRANGE', key, 0, 27))
    replaced = call('GETRANGE', key, from, -1)
  else
    r = tonumber(call('LPOP', P .. 'f') or -1)
    if r < 0 then
      r = rows
      rows = rows + 1
    end
    call('HSET', P .. 'k', id, r)
    size = size + 1
    inserted = inserted + 1
  end
  local row, ends4, own = pack('<I4', r * S + s), pack('<I4', ends), {}
  local beside = sub(b, p, p + dataBytes - 1)
  p = p + dataBytes
  for e = 1, entries do
    local name = sub(b, p, p + 11)
    local w = width[sub(name, 1, 2)]
    own[e] = enter(name, sub(b, p + 12, p + w + 3), row, ends4)
    p = p + w + 4
  end
  writes = writes + 1
  local key, whole = P .. 'i' .. r, ends4 .. pack('<I8', writes) .. item .. table.concat(own)
  if dataBytes > 0 then call('MSET', key, whole, P .. 'x' .. r, beside) else call('SET', key, whole) end
  if ends > 0 then call('ZADD', P .. 'e', ends, r) elseif before > 0 then call('ZREM', P .. 'e', r) end
  -- Last, as an item done in part is to be the old one or the new one.
  releaseAll(replaced, row)
  if flags >= 2 and dataBytes == 0 then call('UNLINK', P .. 'x' .. r) end
end
local answer = pack('<I4', inserted)
${answerOnce}`;

/** Removes items. ARGV[3], for each: bytes of id (u16), id. Answers a byte for each: 1 where it was there. */
export const removeItems: string = `${shardLibrary}${onceOnly}${givesMemory}
sweep(8)
local b, p, existed = ARGV[3], 1, {}
while p <= #b do
  local idBytes
  idBytes, p = unpack('<I2', b, p)
  local r = tonumber(call('HGET', P .. 'k', sub(b, p, p + idBytes - 1)) or -1)
  p = p + idBytes
  local ended = r >= 0 and hasEnded(r)
  existed[#existed + 1] = (r >= 0 and removeRow(r) and not ended) and '\\1' or '\\0'
end
local answer = table.concat(existed)
${answerOnce}`;

/**
 * Enters items into the hash that is being filled, but those written since they were read, or entered already. ARGV[2]: the hash (u32). ARGV[3], for each: local
 * row (u32), stamp of the item read (8 bytes), entries (u16), and these as in a write. Entries of hashes out of use go.
 */
export const enterItems: string = `${shardLibrary}
local hash = unpack('<I4', ARGV[2])
if clearing ~= 0 then return {'clearing', g, ''} end
if filling ~= hash then return {'stale', g, ''} end
${needsMemory}local own = pack('<I2', hash)
local b, p = ARGV[3], 1
while p <= #b do
  local r, stamp, entries
  r, stamp, entries, p = unpack('<I4c8I2', b, p)
  local key = P .. 'i' .. r
  local item = call('GET', key) or ''
  local enters = #item >= 28 and sub(item, 5, 12) == stamp
  local kept = {}
  local ends4, from = sub(item, 1, 4), 0
  if enters then
    from = unpack('<I4', item, 13)
    for e = from + 1, #item - 15, 16 do
      if sub(item, e, e + 1) == own then enters = false end
      if width[sub(item, e, e + 1)] then kept[#kept + 1] = sub(item, e, e + 15) end
    end
  end
  for e = 1, entries do
    local name = sub(b, p, p + 11)
    if enters then kept[#kept + 1] = enter(name, sub(b, p + 12, p + width[own] + 3), pack('<I4', r * S + s), ends4) end
    p = p + width[own] + 4
  end
  if enters then call('SET', key, sub(item, 1, from) .. table.concat(kept)) end
end
save()
return {'ok', g, ''}`;
