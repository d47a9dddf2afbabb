/** Lab 06's model beside the other kernel: v2 on a host that has v1 itself. Inside of user-mode-linux. */
import '../labs/06-model.test.ts';
