CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` int GENERATED ALWAYS AS ((`a` = true)) VIRTUAL,
  PRIMARY KEY (`id`),
  CONSTRAINT `u2_chk_1` CHECK (((`a` = true) is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci