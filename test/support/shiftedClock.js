// Load it first (`node --require`): it shifts the process's clock by CLOCK_SHIFT_MS, but not the monotonic clock.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0)
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs)
    else super(...args)
  }

  static now() {
    return RealDate.now() + shiftMs
  }
}

globalThis.Date = ShiftedDate
