CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (timestamp(`d`,_utf8mb4'1:0')) VIRTUAL,
  `g1` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS ((`d` + interval 1 day)) VIRTUAL,
  `g2` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (convert_tz(`d`,_utf8mb4'+00:00',_utf8mb4'+01:00')) VIRTUAL,
  `g3` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (period_add(202001,1)) VIRTUAL,
  `g4` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (inet_ntoa(`a`)) VIRTUAL,
  `g5` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (inet6_ntoa(inet6_aton(`b`))) VIRTUAL,
  `g6` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_extract(`b`,_utf8mb4'$.a')) VIRTUAL,
  `g7` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci GENERATED ALWAYS AS (json_unquote(json_extract(`b`,_utf8mb4'$.a'))) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci