// The release trains of Stripe.js, oldest first. TRAIN is the one that this script is of.
const TRAINS = [3, "acacia", "basil", "clover", "dahlia", "endive"];

function since(train) {
  return TRAINS.indexOf(TRAIN) >= TRAINS.indexOf(train);
}
