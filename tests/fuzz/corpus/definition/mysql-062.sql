CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` int DEFAULT NULL COMMENT 'it''s \\ \n /*!50000 x */ -- ; #',
  `x1` int DEFAULT '5' /*!80023 INVISIBLE */,
  `x2` int GENERATED ALWAYS AS ((`a` + 1)) STORED,
  `x3` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL,
  `x4` int GENERATED ALWAYS AS ((`a` + 1)) STORED COMMENT 'x',
  `x5` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `u12_chk_1` CHECK ((`x5` > 1))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci