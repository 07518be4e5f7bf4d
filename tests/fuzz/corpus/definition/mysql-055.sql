CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` int DEFAULT NULL,
  `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` binary(3) DEFAULT 'a\0\0',
  `x1` binary(2) DEFAULT 0xFF00,
  `x2` varbinary(5) DEFAULT '''\\',
  `x3` varbinary(5) DEFAULT 0xC3,
  `x4` enum('a','b''c','','\\','ö') DEFAULT 'a',
  `x5` set('x','y') DEFAULT 'x,y',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci