import { mends, shardLibrary } from "./shard.js";

const repairLibrary = `${shardLibrary}
-- The id of an item that is whole: of one that was removed a place set in it may be left, behind nothing.
local function idOf(r)
  local head = call('GETRANGE', P .. 'i' .. r, 0, 27)
  if #head < 28 then return nil end
  local _, _, from, vectorBytes, dataBytes, idBytes, flags = unpack('<I4I8I4I4I4I2I2', head)
  local begin = 28 + vectorBytes
  if idBytes == 0 or begin + idBytes + (flags == 1 and dataBytes or 0) ~= from then return nil end
  return call('GETRANGE', P .. 'i' .. r, begin, begin + idBytes - 1)
end
`;

/** Looks at some hundred ids, from cursor ARGV[2]: one whose item is gone, or another's, goes. Answers how many went (u32) and the next cursor. */
export const repairIds: string = `${repairLibrary}${mends}
local found = call('HSCAN', P .. 'k', ARGV[2], 'COUNT', 500)
local some, gone = found[2], 0
for i = 1, #some, 2 do
  local r = tonumber(some[i + 1])
  if idOf(r) == some[i] then
    rows = math.max(rows, r + 1)
  else
    call('HDEL', P .. 'k', some[i])
    gone = gone + 1
  end
end
save()
return {'ok', g, pack('<I4', gone) .. found[1]}`;

/** Looks at the items of local rows ARGV[2] (u32, from and up to): one whose id is another's goes, an id that is gone comes back. Answers how many did (u32, u32). */
export const repairRows: string = `${repairLibrary}${mends}
local from, to = unpack('<I4I4', ARGV[2])
local removed, restored = 0, 0
for r = from, math.min(to, rows) - 1 do
  local key, id = P .. 'i' .. r, idOf(r)
  local known = id and call('HGET', P .. 'k', id)
  if id and (not known or tonumber(known) == r) then
    local ends, _, _, _, _, _, flags = unpack('<I4I8I4I4I4I2I2', call('GETRANGE', key, 0, 27))
    if not known then
      call('HSET', P .. 'k', id, r)
      restored = restored + 1
    end
    if ends > 0 then
      call('ZADD', P .. 'e', ends, r)
      expiring = 1
    else
      call('ZREM', P .. 'e', r)
    end
    if flags < 2 then call('UNLINK', P .. 'x' .. r) end
  else
    removed = removed + call('UNLINK', key)
    call('UNLINK', P .. 'x' .. r)
    call('ZREM', P .. 'e', r)
  end
end
save()
return {'ok', g, pack('<I4I4', removed, restored)}`;

/** Looks at the bucket named ARGV[2]: a record that no item knows of goes, and what is left is counted anew. Answers how many went (u32). */
export const repairBucket: string = `${shardLibrary}
local name = ARGV[2]
local w = width[sub(name, 1, 2)]
if not w then return {'ok', g, pack('<I4', 0)} end
${mends}
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
end
save()
return {'ok', g, pack('<I4', gone)}`;

/**
 * Looks at the entries of the items of local rows ARGV[2] (u32, from and up to), once their buckets are right: one whose record is gone gets another. What its
 * code was only the vector tells: it gets one so uncertain (1e38, as the encoder writes what no number holds) that the vector is compared itself. Answers how
 * many did (u32).
 */
export const repairEntries: string = `${shardLibrary}${mends}
local from, to = unpack('<I4I4', ARGV[2])
local entered = 0
for r = from, math.min(to, rows) - 1 do
  local key = P .. 'i' .. r
  local item = call('GET', key)
  if item then
    local begin, row = unpack('<I4', item, 13), pack('<I4', r * S + s)
    local kept, lost = {}, 0
    for e = begin + 1, #item - 15, 16 do
      local name, place = sub(item, e, e + 11), unpack('<I4', item, e + 12)
      local w = width[sub(name, 1, 2)]
      if w and call('GETRANGE', P .. 'b' .. name, place * w, place * w + 3) == row then
        kept[#kept + 1] = sub(item, e, e + 15)
      elseif w then
        local body = w > 8 and pack('<fff', 0, 0, 1e38) .. string.rep('\\0', w - 20) or ''
        kept[#kept + 1] = enter(name, body, row, sub(item, 1, 4))
        lost = lost + 1
      end
    end
    if lost > 0 then call('SET', key, sub(item, 1, begin) .. table.concat(kept)) end
    entered = entered + lost
  end
end
save()
return {'ok', g, pack('<I4', entered)}`;

/** Ends the mending: counts the items, and notes which rows are free. */
export const endRepair: string = `${shardLibrary}${mends}
local taken = {}
for _, r in ipairs(call('HVALS', P .. 'k')) do taken[tonumber(r)] = true end
size = call('HLEN', P .. 'k')
call('DEL', P .. 'f')
for r = 0, rows - 1 do
  if not taken[r] then call('RPUSH', P .. 'f', r) end
end
units = counted
newKeys()
changes = (changes + 1) % 4294967296
save()
return {'ok', g, ''}`;
