CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` binary(3) DEFAULT 'a\0\0',
  `x1` binary(2) DEFAULT 'ÿ\0',
  `x2` varbinary(5) DEFAULT '''\\',
  `x3` varbinary(5) DEFAULT 'ร',
  `x4` enum('a','b''c','','\\','รถ') DEFAULT 'a',
  `x5` set('x','y') DEFAULT 'x,y',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci