CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `j` json DEFAULT NULL,
  `x` int GENERATED ALWAYS AS (1 member of (`j`)) VIRTUAL,
  `y` int GENERATED ALWAYS AS (json_overlaps(`j`,_utf8mb4'[1]')) VIRTUAL,
  CONSTRAINT `u60_chk_1` CHECK (json_schema_valid(_utf8mb4'{}',`j`))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci