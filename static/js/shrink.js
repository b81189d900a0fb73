// Makes a photograph small before it goes up: 2.6 MB take a minute on a weak network, 250 KB a few seconds.
const LONGEST = 1600, SHORTER = 900, QUALITY = 0.82, SMALL_ENOUGH = 400 * 1024;

// The picture upright, as JPEG of at most 1,600 px; a long screenshot keeps a shorter side that can be read.
// Whatever this browser cannot draw (HEIC, a broken file) is returned as it is: the server decides.
export async function shrink(file) {
  try {
    const drawn = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { width, height } = drawn, scale = Math.min(1, Math.max(LONGEST / Math.max(width, height), SHORTER / Math.min(width, height)));
    if (scale === 1 && file.size <= SMALL_ENOUGH) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d");
    // What is transparent would be black.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, 0, 0, canvas.width, canvas.height);
    drawn.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
}
