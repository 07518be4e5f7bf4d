CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` int GENERATED ALWAYS AS ((soundex(`b`) = soundex(_utf8mb4'x'))) VIRTUAL,
  PRIMARY KEY (`id`),
  CONSTRAINT `u5_chk_1` CHECK (((soundex(`b`) = soundex(_utf8mb4'x')) is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci