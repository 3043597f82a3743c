-- POST to TARGET of the text of the file BODY, in which each $ID becomes an id that no other request has.
local headers = { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" }
local target, run, count = os.getenv("TARGET"), os.getenv("RUN"), 0
local file = io.open(os.getenv("BODY"))
local body = file:read("*a")
file:close()
local function id()
  count = count + 1
  return run .. "-" .. count
end
function request()
  local text = body:gsub("#ROW(.-)#", function(row) local own = id(); return (row:gsub("$ID", own)) end)
  return wrk.format("POST", target, headers, text)
end
