CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_object(_utf8mb4'a',`a`)) VIRTUAL,
  `g1` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_array(`a`,`b`)) VIRTUAL,
  `g2` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_set(`b`,_utf8mb4'$.x',1)) VIRTUAL,
  `g3` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_keys(`b`)) VIRTUAL,
  `g4` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_quote(`b`)) VIRTUAL,
  `g5` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_type(`b`)) VIRTUAL,
  `g6` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_value(`b`, _utf8mb4'$.a' returning char(512))) VIRTUAL,
  `g7` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_merge_patch(`b`,_utf8mb4'{}')) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci