import { shardLibrary } from "./shard.js";

/**
 * Looks at the items of local rows ARGV[2] (u32, from and up to): one whose id is not its own goes; an entry without its record goes. Answers items removed,
 * entries without a record (u32, u32), and the ids (u16 bytes, id) of items that lost some: they are to be stored again.
 */
export const repairRows: string = `${shardLibrary}
if clearing ~= 0 then return {'clearing', g, ''} end
local from, to = unpack('<I4I4', ARGV[2])
local removed, lost, ids = 0, 0, {}
for r = from, math.min(to, rows) - 1 do
  local key = P .. 'i' .. r
  local item = call('GET', key)
  if item then
    local whole = #item >= 28
    local begins, id = 0, ''
    if whole then
      local _, _, at, vectorBytes, _, idBytes = unpack('<I4I8I4I4I4I2I2', item)
      begins, id = at, sub(item, 29 + vectorBytes, 28 + vectorBytes + idBytes)
    end
    if not whole or tonumber(call('HGET', P .. 'k', id) or -1) ~= r then
      call('UNLINK', key, P .. 'x' .. r)
      removed = removed + 1
    else
      local kept, row, missing = {}, pack('<I4', r * S + s), 0
      for e = begins + 1, #item - 15, 16 do
        local name, place = sub(item, e, e + 11), unpack('<I4', item, e + 12)
        local w = width[sub(name, 1, 2)]
        if w then
          if call('GETRANGE', P .. 'b' .. name, place * w, place * w + 3) == row then kept[#kept + 1] = sub(item, e, e + 15) else missing = missing + 1 end
        end
      end
      if missing > 0 then
        call('SET', key, sub(item, 1, begins) .. table.concat(kept))
        lost = lost + missing
        ids[#ids + 1] = pack('<I2', #id) .. id
      end
    end
  end
end
return {'ok', g, pack('<I4I4', removed, lost) .. table.concat(ids)}`;

/** Looks at the bucket named ARGV[2]: a record that no item knows of goes, and what is left is counted anew. Answers how many went (u32). */
export const repairBucket: string = `${shardLibrary}
local name = ARGV[2]
local w = width[sub(name, 1, 2)]
if clearing ~= 0 or not w then return {'ok', g, pack('<I4', 0)} end
local directory, field, bucket = P .. 'd' .. sub(name, 1, 2), sub(name, 3), P .. 'b' .. name
local all, kept, gone = call('GET', bucket) or '', {}, 0
local n = tonumber(call('HGET', directory, field) or 0)
for place = 0, math.floor(#all / w) - 1 do
  local record = sub(all, place * w + 1, place * w + w)
  local row = unpack('<I4', record)
  if row ~= 4294967295 then
    local item = P .. 'i' .. ((row - s) / S)
    local e = row % S == s and entryOf(item, name) or -1
    if e >= 0 and unpack('<I4', call('GETRANGE', item, e + 12, e + 15)) == place then
      if #kept ~= place then call('SETRANGE', item, e + 12, pack('<I4', #kept)) end
      kept[#kept + 1] = record
    else
      gone = gone + 1
    end
  end
end
if gone > 0 or n ~= #kept then
  if #kept == 0 then
    call('UNLINK', bucket)
    call('HDEL', directory, field)
  else
    call('SET', bucket, table.concat(kept))
    call('HSET', directory, field, #kept)
  end
  newKeys()
  changes = (changes + 1) % 4294967296
  save()
end
return {'ok', g, pack('<I4', gone)}`;

/** Looks at all ids: one whose item is gone goes, and what is left is counted. Answers how many went (u32). */
export const repairIds: string = `${shardLibrary}
if clearing ~= 0 then return {'clearing', g, ''} end
local all, gone = call('HGETALL', P .. 'k'), 0
for i = 1, #all, 2 do
  if call('EXISTS', P .. 'i' .. all[i + 1]) == 0 then
    call('HDEL', P .. 'k', all[i])
    call('RPUSH', P .. 'f', all[i + 1])
    gone = gone + 1
  end
end
size = call('HLEN', P .. 'k')
save()
return {'ok', g, pack('<I4', gone)}`;
