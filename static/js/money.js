// Formats fen as community/core/money.py does: ¥1236.50, from ten thousand yuan on ¥12,860.00.
export const yuan = (fen) => {
  const whole = Math.floor(Math.abs(fen) / 100), cents = String(Math.abs(fen) % 100).padStart(2, "0");
  return `${fen < 0 ? "-" : ""}¥${whole < 10000 ? whole : whole.toLocaleString("en")}.${cents}`;
};
